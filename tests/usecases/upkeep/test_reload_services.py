"""Service files that change while the bot runs: valid changes take effect, invalid ones keep the previous version."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.core.errors import ConfigurationError, StoreError
from bot.core.service import KnownService, Service
from bot.usecases.services import Services, ServicesRead
from bot.usecases.upkeep.reload_services import Changes, ReloadServices
from tests.usecases.fakes import a_service

ONE, TWO, THREE = (a_service(one) for one in ("one", "two", "three"))


class Folder:
    """What is in the folders, the database, and what the running bot was told."""

    def __init__(self, *services: Service) -> None:
        self.built_in: tuple[Service, ...] = ()
        self.services = Services(services, (), lambda one: next(s for s in self.built_in if s.id == one))
        self.found = ServicesRead([one.id for one in services], {one.id: one for one in services})
        self.fault: ConfigurationError | None = None
        self.full = False
        self.mark = 0
        self.reads = 0
        self.learnt: list[str] = []
        self.changes: list[Changes] = []
        self.reload = ReloadServices(self.services, self.read, lambda: self.mark, self.learn, self.changed)

    def holds(self, *services: Service, faulty: Sequence[str] = ()) -> None:
        """These are the files now."""
        self.mark += 1
        ids = [*(one.id for one in services), *faulty]
        self.found = ServicesRead(ids, {one.id: one for one in services}, [f"{one}/service.toml: no" for one in faulty])

    def read(self) -> ServicesRead:
        self.reads += 1
        if self.fault is not None:
            raise self.fault
        return replace(self.found, others=[KnownService.of(one) for one in self.built_in])

    async def learn(self, ids: Sequence[str]) -> None:
        if self.full:
            raise StoreError("no")
        self.learnt += ids

    async def changed(self, changes: Changes) -> None:
        self.changes.append(changes)


async def test_added_changed_and_removed_services_take_effect(caplog: pytest.LogCaptureFixture) -> None:
    folder = Folder(ONE, TWO)
    changed = replace(ONE, name="Renamed")
    folder.holds(changed, THREE)
    await folder.reload.now()
    logs = [vars(line) for line in caplog.records]
    assert list(folder.services) == [changed, THREE]
    assert folder.changes == [Changes(["three"], ["one"], ["two"])]
    assert folder.learnt == ["three"]
    [line] = logs
    assert (line["added"], line["changed"], line["removed"]) == ("three", "one", "two")


async def test_a_folder_over_a_built_in_service_takes_effect_and_so_does_its_end() -> None:
    folder = Folder(ONE)
    folder.built_in = (TWO,)
    await folder.reload.now()
    assert "two" in folder.services and folder.changes == []

    assert folder.services.get("two") == TWO  # somebody follows it
    changed = replace(TWO, name="Ours")
    folder.holds(ONE, changed)
    folder.built_in = ()
    await folder.reload.now()
    assert folder.services.get("two") == changed and folder.changes[-1] == Changes([], ["two"], [])

    folder.holds(ONE)
    folder.built_in = (TWO,)
    await folder.reload.now()
    assert folder.services.get("two") == TWO and folder.changes[-1] == Changes([], ["two"], [])
    assert folder.learnt == []


async def test_a_faulty_file_is_refused_by_name_and_its_service_stays_as_it_was(
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = Folder(ONE, TWO)
    folder.holds(replace(ONE, name="Renamed"), faulty=["two", "three"])
    await folder.reload.now()
    logs = [vars(line) for line in caplog.records]
    assert [one.name for one in folder.services] == ["Renamed", "Two"]
    assert [line["fault"] for line in logs if "fault" in line] == ["two/service.toml: no", "three/service.toml: no"]


async def test_what_cannot_be_read_at_all_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    folder = Folder(ONE)
    folder.fault = ConfigurationError(["SERVICES_DIR: gone"])
    await folder.reload.now()
    folder.fault = None
    folder.holds()
    await folder.reload.now()
    logs = [vars(line) for line in caplog.records]
    assert list(folder.services) == [ONE] and folder.changes == []
    assert [line["fault"] for line in logs] == ["SERVICES_DIR: gone", "no service is left to watch"]


async def test_a_service_that_cannot_be_stored_changes_nothing() -> None:
    folder = Folder(ONE)
    folder.full = True
    folder.holds(ONE, TWO)
    with pytest.raises(StoreError):
        await folder.reload.now()
    assert list(folder.services) == [ONE] and folder.changes == []
    folder.full = False
    for _ in range(2):
        await folder.reload.notice()
    assert list(folder.services) == [ONE, TWO], "it is tried again"


async def test_a_change_is_noticed_once_nobody_writes_any_more() -> None:
    folder = Folder(ONE)
    await folder.reload.notice()
    assert folder.reads == 0
    folder.holds(ONE, TWO)
    await folder.reload.notice()
    folder.holds(ONE, TWO, THREE)
    await folder.reload.notice()
    assert folder.reads == 0, "it has changed again"
    for _ in range(3):
        await folder.reload.notice()
    assert folder.reads == 1 and list(folder.services) == [ONE, TWO, THREE]
