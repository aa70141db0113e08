"""Carry coverage and the accounts' parts of runs over into what is kept by change.

Until here each run left a row of every collector in every account (`inventory_oldcoverage`) and a
row of every account (`inventory_runaccount`). Of following rows that say the same, the first
begins a span and the others are in it.
"""

from django.db import migrations

# Every account and group that anything is known of. What is marked as latest gives the counts.
_SUMMARIES = """
    INSERT INTO inventory_groupcoverage (
        connection_id, account_id, "group", run_id, total, complete, denied, unsupported,
        oldest_complete_at, newest_attempt_at, fingerprint, calls, measures
    )
    SELECT
        connection_id, account_id, "group",
        (array_agg(run_id ORDER BY is_latest DESC, collected_at DESC))[1],
        COUNT(*) FILTER (WHERE is_latest),
        COUNT(*) FILTER (WHERE is_latest AND state = 'complete'),
        COUNT(*) FILTER (WHERE is_latest AND state = 'denied'),
        COUNT(*) FILTER (WHERE is_latest AND state = 'unsupported'),
        CASE WHEN NOT bool_or(is_latest AND state <> 'unsupported' AND last_complete_at IS NULL)
            THEN MIN(last_complete_at) FILTER (WHERE is_latest AND state <> 'unsupported') END,
        MAX(collected_at) FILTER (WHERE is_latest),
        '',
        '{}',
        COALESCE((
            SELECT jsonb_object_agg(collector, told) FROM (
                SELECT own.collector, jsonb_object_agg(own.region, jsonb_build_object(
                    'records', own.records, 'calls', own.calls, 'throttled', own.throttled,
                    'seconds', round(own.seconds::numeric, 3)
                )) AS told
                FROM inventory_oldcoverage AS own
                WHERE own.is_latest AND own.connection_id = old.connection_id
                AND own.account_id = old.account_id
                AND split_part(own.collector, '.', 1) = old."group"
                GROUP BY own.collector
            ) AS measured
        ), '{}')
    FROM (
        SELECT *, split_part(collector, '.', 1) AS "group" FROM inventory_oldcoverage
    ) AS old
    GROUP BY connection_id, account_id, "group"
"""
_CALLS = """
    UPDATE inventory_groupcoverage AS summary SET calls = COALESCE((
        SELECT jsonb_object_agg(operation, number) FROM (
            SELECT made.key AS operation, SUM(made.value::bigint) AS number
            FROM jsonb_each(summary.measures) AS of_collector,
                jsonb_each(of_collector.value) AS took,
                jsonb_each_text(took.value -> 'calls') AS made
            GROUP BY made.key
        ) AS calls
    ), '{}')
"""
# Accounts whose coverage was aged out, but not their parts of runs.
_OTHER_SUMMARIES = """
    INSERT INTO inventory_groupcoverage (
        connection_id, account_id, "group", run_id, total, complete, denied, unsupported,
        fingerprint, calls, measures
    )
    SELECT run.connection_id, part.account_id, 'iam', MAX(run.id), 0, 0, 0, 0, '', '{}', '{}'
    FROM inventory_runaccount AS part JOIN inventory_inventoryrun AS run ON run.id = part.run_id
    WHERE part.total > 0
    GROUP BY run.connection_id, part.account_id
    ON CONFLICT DO NOTHING
"""
_COVERAGE = r"""
    WITH told AS (
        SELECT old.*, run.started_at,
            ROW(old.state, old.error_code, regexp_replace(old.message, '\d+', '0', 'g')) AS cause
        FROM inventory_oldcoverage AS old
        JOIN inventory_inventoryrun AS run ON run.id = old.run_id
        WHERE run.started_at IS NOT NULL
    ), compared AS (
        SELECT *, LAG(cause) OVER one AS cause_before, bool_or(is_latest) OVER (
            PARTITION BY connection_id, account_id, region, collector
        ) AS holds
        FROM told
        WINDOW one AS (
            PARTITION BY connection_id, account_id, region, collector ORDER BY started_at
        )
    ), began AS (
        SELECT *, LEAD(started_at) OVER (
            PARTITION BY connection_id, account_id, region, collector ORDER BY started_at
        ) AS ended
        FROM compared WHERE cause_before IS DISTINCT FROM cause
    )
    INSERT INTO inventory_coverage (
        summary_id, connection_id, account_id, region, collector, state, error_code, message,
        remedy, held_from, held_until, complete_before_at, began_with
    )
    SELECT summary.id, began.connection_id, began.account_id, region, collector, state, error_code,
        message, remedy, started_at,
        CASE WHEN ended IS NULL AND NOT holds THEN GREATEST(started_at + interval '1 microsecond', (
            SELECT MAX(known_until) FROM inventory_collectedspan AS span
            WHERE span.connection_id = began.connection_id
            AND span.account_id = began.account_id AND span.collector = began.collector
        )) ELSE ended END,
        CASE WHEN state <> 'complete' THEN last_complete_at END,
        jsonb_build_object('records', records, 'calls', began.calls, 'throttled', throttled,
            'seconds', round(seconds::numeric, 3))
    FROM began JOIN inventory_groupcoverage AS summary
        ON summary.connection_id = began.connection_id
        AND summary.account_id = began.account_id
        AND summary."group" = split_part(began.collector, '.', 1)
"""
# Of accounts the parts of runs tell, whose counts outlived the coverage they were counted from.
_SPANS = """
    WITH told AS (
        SELECT run.connection_id, part.account_id, 'iam' AS "group", run.started_at, part.total,
            part.complete, part.denied, part.unsupported,
            CASE WHEN part.complete < part.total - part.unsupported
                THEN part.oldest_complete_at END AS oldest
        FROM inventory_runaccount AS part
        JOIN inventory_inventoryrun AS run ON run.id = part.run_id
        WHERE part.total > 0 AND run.started_at IS NOT NULL
        UNION ALL
        SELECT run.connection_id, '', split_part(old.collector, '.', 1), run.started_at, COUNT(*),
            COUNT(*) FILTER (WHERE old.state = 'complete'),
            COUNT(*) FILTER (WHERE old.state = 'denied'),
            COUNT(*) FILTER (WHERE old.state = 'unsupported'),
            CASE WHEN NOT bool_or(
                old.state NOT IN ('complete', 'unsupported') AND old.last_complete_at IS NULL
            ) THEN MIN(old.last_complete_at)
                FILTER (WHERE old.state NOT IN ('complete', 'unsupported')) END
        FROM inventory_oldcoverage AS old
        JOIN inventory_inventoryrun AS run ON run.id = old.run_id
        WHERE old.account_id = '' AND run.started_at IS NOT NULL
        GROUP BY run.connection_id, run.started_at, split_part(old.collector, '.', 1)
    ), compared AS (
        SELECT *, ROW(total, complete, denied, unsupported, oldest) AS counts,
            LAG(ROW(total, complete, denied, unsupported, oldest)) OVER (
                PARTITION BY connection_id, account_id, "group" ORDER BY started_at
            ) AS counts_before
        FROM told
    ), began AS (
        SELECT *, LEAD(started_at) OVER (
            PARTITION BY connection_id, account_id, "group" ORDER BY started_at
        ) AS ended
        FROM compared WHERE counts_before IS DISTINCT FROM counts
    )
    INSERT INTO inventory_groupcoveragespan (
        summary_id, connection_id, account_id, held_from, held_until, total, complete, denied,
        unsupported, oldest_complete_at
    )
    SELECT summary.id, began.connection_id, began.account_id, started_at,
        CASE WHEN ended IS NULL AND summary.total = 0
            THEN GREATEST(started_at + interval '1 microsecond', (
                SELECT MAX(known_until) FROM inventory_collectedspan AS span
                WHERE span.connection_id = began.connection_id
                AND span.account_id = began.account_id
            )) ELSE ended END,
        began.total, began.complete, began.denied, began.unsupported, oldest
    FROM began JOIN inventory_groupcoverage AS summary
        ON summary.connection_id = began.connection_id
        AND summary.account_id = began.account_id AND summary."group" = began."group"
"""
_TASKS = """
    INSERT INTO inventory_collectiontask (
        connection_id, account_id, "group", run_id, state, attempts, sent_at, started_at,
        finished_at, worker
    )
    SELECT DISTINCT ON (run.connection_id, part.account_id)
        run.connection_id, part.account_id, 'iam', part.run_id, part.state, part.attempts,
        part.sent_at, part.started_at, part.finished_at, ''
    FROM inventory_runaccount AS part JOIN inventory_inventoryrun AS run ON run.id = part.run_id
    ORDER BY run.connection_id, part.account_id, run.requested_at DESC, run.id DESC
"""
_RUNS = """
    UPDATE inventory_inventoryrun AS run SET tasks_total = counted.total, tasks_done = counted.done,
        unread = counted.unread
    FROM (
        SELECT run_id, COUNT(*) AS total,
            COUNT(*) FILTER (WHERE state NOT IN ('pending', 'running')) AS done,
            COALESCE(
                jsonb_agg(jsonb_build_array(account_id, 'iam'))
                    FILTER (WHERE state = 'failed' AND total = 0),
                '[]'
            ) AS unread
        FROM inventory_runaccount GROUP BY run_id
    ) AS counted WHERE counted.run_id = run.id
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0006_coverage_by_change")]

    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for sql in (
            _SUMMARIES,
            _CALLS,
            _OTHER_SUMMARIES,
            _COVERAGE,
            _SPANS,
            _TASKS,
            _RUNS,
        )
    ]
