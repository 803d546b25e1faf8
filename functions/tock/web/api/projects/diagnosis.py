"""The routes of what keeps a project from running on time: look at it, and repair it."""

from tock.app.manage.overview.orphans import find_orphans
from tock.app.tick.stuck_runs import find_stuck, repair_stuck
from tock.web.api.routing import PROJECT, UseServices, api_router
from tock.web.resources.projects.diagnosis import DiagnosisResource, RepairResource

router = api_router(tag="projects")


@router.get(f"{PROJECT}/diagnosis", name="read_diagnosis")
async def diagnosis(*, project: str, services: UseServices) -> DiagnosisResource:
    """Return the runs that have not ended and those of them that are stuck: that no sweep has moved on in time.

    Also return orphans: what is stored although nothing needs it, or although what it needs is missing.
    """
    found = await find_stuck(services, project=project)
    orphans = await find_orphans(services, project=project, active=found.runs)
    return DiagnosisResource.of(found, orphans, project=project, now=services.clock.now())


@router.post(f"{PROJECT}:repair")
async def repair(*, project: str, services: UseServices) -> RepairResource:
    """Repair the stuck runs now, as the sweep of each tick does; a second call does no more than the first.

    Runs that cannot be read and should have been looked at by a sweep are ended as failed.
    """
    before = await repair_stuck(services, project=project)
    after = await find_stuck(services, project=project)
    return RepairResource.of(before, after, project=project)
