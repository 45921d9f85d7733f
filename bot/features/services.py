"""Services: their files are read again on SIGHUP, and when a file in SERVICES_DIR changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.content.services import each_on, mark_of
from bot.features.base import Base, Feature
from bot.features.outages import Outages
from bot.features.replies import Replies
from bot.features.status import Status
from bot.jobs import Job
from bot.usecases.upkeep.reload_services import Changes, ReloadServices

NOTICE_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class ServiceFiles(Feature):
    """`reload` reads the files again."""

    reload: ReloadServices
    folder: Path | None

    def jobs(self) -> Sequence[Job]:
        """Notice changed files, if there is a folder in which an operator may change some."""
        if self.folder is None:
            return ()
        return (Job("notice changed services", self.reload.notice, lambda: NOTICE_EVERY),)


def build_service_files(
    base: Base, replies: Replies, status: Status, outages: Outages, folder: Path | None
) -> ServiceFiles:
    """Build the feature. `folder` is the operator's."""

    async def changed(changes: Changes) -> None:
        for service_id in (*changes.changed, *changes.removed):
            base.signals.forget(service_id)
            status.check.forget(service_id)
            status.looks.soon(service_id)
        await base.finders.make_again()
        await replies.relearn()
        await outages.watch.services_changed()

    reload = ReloadServices(
        base.services, lambda: each_on(folder), lambda: mark_of(folder), base.stores.learn_services, changed
    )
    return ServiceFiles(reload, folder)
