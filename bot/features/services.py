"""Services: their files are reloaded on SIGHUP, and when a file in SERVICES_DIR changes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.content.services import each_of_operator, mark_of
from bot.features.base import Base, Feature
from bot.features.outages import Outages
from bot.features.replies import Replies
from bot.features.status import Status
from bot.jobs import Job
from bot.usecases.upkeep.reload_services import Changes, ReloadServices

NOTICE_EVERY, UNLOAD_EVERY = 2.0, 600.0


@dataclass(frozen=True, slots=True)
class ServiceFiles(Feature):
    """`reload` reloads the files, and `unload` evicts services that are no longer followed."""

    reload: ReloadServices
    folder: Path | None
    unload: Callable[[], Awaitable[None]]

    def jobs(self) -> Sequence[Job]:
        """Evict unfollowed services, and notice changed files if the operator has a folder for them."""
        jobs = [Job("let go of services", self.unload, UNLOAD_EVERY)]
        if self.folder is not None:
            jobs.append(Job("notice changed services", self.reload.notice, NOTICE_EVERY))
        return jobs


def build_service_files(
    base: Base, replies: Replies, status: Status, outages: Outages, folder: Path | None
) -> ServiceFiles:
    """Build the feature. `folder` is the operator's."""

    async def changed(changes: Changes) -> None:
        for service_id in (*changes.changed, *changes.removed):
            base.signals.forget(service_id)
            status.check.forget(service_id)
            status.looks.soon(service_id)
        await replies.relearn()
        await outages.watch.services_changed()

    async def unload() -> None:
        followed = {service.id for service in base.followed}
        for service_id in base.services.unload(followed):
            base.signals.forget(service_id)
            status.check.forget(service_id)
        replies.unload(followed)

    reload = ReloadServices(
        base.services, lambda: each_of_operator(folder), lambda: mark_of(folder), base.stores.learn_services, changed
    )
    return ServiceFiles(reload, folder, unload)
