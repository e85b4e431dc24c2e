"""The end of a second purchase in a process that is killed between any two of its steps: one end, one refund."""

from app.models import Termination
from tests.support import moderating
from tests.support.paper import Paper
from tests.support.second_purchases import bought_twice
from tests.support.steps import MANY, survives
from tests.support.together import at_once


def ended(bought_id: str, paper: Paper) -> int:
    with paper.database.reading() as session:
        (row,) = moderating.rows(session, Termination, subscription_id=bought_id)
        return row.id


def test_killed_again_and_again_each_time_a_step_later_it_is_done_once(paper: Paper) -> None:
    bought = bought_twice(paper)
    assert bought.press() == 303
    termination = ended(bought.second, paper)
    assert not survives(paper, termination, 12)
    assert any(survives(paper, termination, fatal) for fatal in range(1, MANY))
    assert bought.statuses() == ("active", "canceled")
    assert bought.refunds() == [(bought.second, bought.price())]
    assert (bought.endings(), bought.letters()) == ([(bought.second, "done")], ["paid_twice_refunded"])


def test_two_workers_at_the_same_time_do_it_once(paper: Paper) -> None:
    bought = bought_twice(paper)
    assert bought.press() == 303
    termination = ended(bought.second, paper)
    assert all(at_once(lambda _worker: survives(paper, termination, MANY), 3))
    assert bought.refunds() == [(bought.second, bought.price())]
    assert bought.letters() == ["paid_twice_refunded"]
