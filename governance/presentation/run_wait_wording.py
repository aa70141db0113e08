"""What a run that goes on waits for, in words."""

from inventory.selectors.run_waits import RunWait, Wait


def wait_words(waiting: RunWait) -> str:
    """Say what a run waits for, and what ends the wait."""
    tasks = f"{waiting.tasks:,} task{'' if waiting.tasks == 1 else 's'}"
    match waiting.wait:
        case Wait.AWS:
            return f"Workers are reading {tasks} from AWS, at the pace that AWS allows."
        case Wait.LEASE:
            return (
                f"The worker of {tasks} was lost. Another one takes over within half a minute; if "
                "not, check beat and the workers of the queue inventory."
            )
        case Wait.BACK_OFF:
            return f"{tasks.capitalize()} lost workers before and wait to be restarted."
        case Wait.BROKER:
            return (
                "The broker has not taken the message. It is sent again every 20 seconds; check "
                "that Valkey and beat are up."
            )
        case Wait.WORKER:
            return (
                "Waiting for a free worker of the queue inventory. Other runs may be before it; if "
                "nothing moves, check that workers are up."
            )
