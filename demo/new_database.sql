-- Written by `make tables`.



SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;


CREATE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
                DECLARE
                    _pgtrigger_ignore TEXT[];
                    _result BOOLEAN;
                BEGIN
                    BEGIN
                        SELECT INTO _pgtrigger_ignore
                            CURRENT_SETTING('pgtrigger.ignore');
                        EXCEPTION WHEN OTHERS THEN
                    END;
                    IF _pgtrigger_ignore IS NOT NULL THEN
                        SELECT trigger_name = ANY(_pgtrigger_ignore)
                        INTO _result;
                        RETURN _result;
                    ELSE
                        RETURN FALSE;
                    END IF;
                END;
            $$;



CREATE FUNCTION public.inventory_add_day_partition(of_table text, of_day date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $_$
DECLARE
    day_column text := public.inventory_day_column(of_table);
    partition text := of_table || to_char(of_day, '"_d"YYYYMMDD');
BEGIN
    IF day_column IS NULL THEN
        RAISE EXCEPTION '% has no partitions of days', of_table;
    END IF;
    IF to_regclass('public.' || partition) IS NOT NULL THEN
        RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('inventory_day_partitions'));
    IF to_regclass('public.' || partition) IS NOT NULL THEN
        RETURN 0;
    END IF;
    -- First, so that nobody adds rows of the day between their move and the end.
    EXECUTE format('LOCK TABLE public.%I IN ACCESS EXCLUSIVE MODE', of_table || '_default');
    EXECUTE format(
        'CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS '
        'INCLUDING STORAGE)', partition, of_table
    );
    EXECUTE format(
        'WITH moved AS (DELETE FROM public.%1$I WHERE %2$I = %3$L RETURNING *) '
        'INSERT INTO public.%4$I SELECT * FROM moved',
        of_table || '_default', day_column, of_day, partition
    );
    EXECUTE format(
        'ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        of_table, partition, of_day, of_day + 1
    );
    RETURN 1;
END $_$;



CREATE FUNCTION public.inventory_day_column(of_table text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog'
    RETURN CASE WHEN (of_table = 'inventory_readevents'::text) THEN 'read_on'::text WHEN (of_table = ANY (ARRAY['inventory_dailyusage'::text, 'inventory_dailydenial'::text, 'inventory_loggedevent'::text])) THEN 'day'::text ELSE NULL::text END;



CREATE FUNCTION public.inventory_drop_days_before(of_table text, first_day date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $_$
DECLARE
    day_column text := public.inventory_day_column(of_table);
    partition text;
    dropped integer := 0;
BEGIN
    IF day_column IS NULL THEN
        RAISE EXCEPTION '% has no partitions of days', of_table;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('inventory_day_partitions'));
    FOR partition IN
        SELECT child.relname
        FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent = to_regclass('public.' || of_table)
        AND child.relname ~ '_d[0-9]{8}$'
        AND right(child.relname, 8) < to_char(first_day, 'YYYYMMDD')
        ORDER BY child.relname
    LOOP
        EXECUTE format('DROP TABLE public.%I', partition);
        dropped := dropped + 1;
    END LOOP;
    EXECUTE format(
        'DELETE FROM public.%I WHERE %I < %L', of_table || '_default', day_column, first_day
    );
    RETURN dropped;
END $_$;



CREATE FUNCTION public.inventory_trigrams(words text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT array_agg(DISTINCT substr(lower(inventory_trigrams.words), place.place, 3)) AS array_agg FROM generate_series(1, (length(inventory_trigrams.words) - 2)) place(place));



CREATE FUNCTION public.pgtrigger_append_only_151b3() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
                END;
            $$;



CREATE FUNCTION public.pgtrigger_append_only_31d42() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
                END;
            $$;



CREATE FUNCTION public.pgtrigger_append_only_616df() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
                END;
            $$;



CREATE FUNCTION public.pgtrigger_append_only_6cfb3() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
                END;
            $$;



CREATE FUNCTION public.pgtrigger_journalentry_append_only_e7a67() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;
                END;
            $$;



CREATE FUNCTION public.pgtrigger_queue_for_sealing_406ba() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
                
                BEGIN
                    IF ("public"._pgtrigger_should_ignore(TG_NAME) IS TRUE) THEN
                        IF (TG_OP = 'DELETE') THEN
                            RETURN OLD;
                        ELSE
                            RETURN NEW;
                        END IF;
                    END IF;
                    INSERT INTO audit_unsealedentry (entry_id) VALUES (NEW.id); RETURN NULL;
                END;
            $$;


SET default_tablespace = '';

SET default_table_access_method = heap;


CREATE TABLE public.access_apitoken (
    id bigint NOT NULL,
    name character varying(80) NOT NULL,
    prefix character varying(12) NOT NULL,
    sha256 character varying(64) NOT NULL,
    scopes jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    user_id integer NOT NULL,
    address_ranges jsonb NOT NULL,
    last_used_address inet,
    places jsonb,
    rotated_from_id bigint
);



ALTER TABLE public.access_apitoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_apitoken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.access_claimrule (
    id bigint NOT NULL,
    provider_id character varying(40) NOT NULL,
    value character varying(200) NOT NULL,
    role character varying(20) NOT NULL,
    target_id character varying(68) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    connection_id bigint,
    confirmed_at timestamp with time zone,
    confirmed_by_id integer,
    created_by_id integer,
    needs_confirmation boolean NOT NULL,
    CONSTRAINT claim_rule_confirmed_by_another CHECK (((confirmed_by_id IS NULL) OR (created_by_id IS NULL) OR (NOT ((confirmed_by_id = created_by_id) AND (confirmed_by_id IS NOT NULL) AND (created_by_id IS NOT NULL))))),
    CONSTRAINT claim_rule_target_in_an_organization CHECK (((connection_id IS NOT NULL) OR ((target_id)::text = ''::text)))
);



ALTER TABLE public.access_claimrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_claimrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.access_profile (
    user_id integer NOT NULL,
    kind character varying(20) NOT NULL,
    description character varying(200) NOT NULL,
    break_glass boolean NOT NULL,
    last_seen_at timestamp with time zone,
    deactivated_at timestamp with time zone,
    time_zone character varying(64) NOT NULL,
    date_format character varying(20) NOT NULL,
    theme character varying(10) NOT NULL,
    density character varying(20) NOT NULL,
    list_columns jsonb NOT NULL
);



CREATE TABLE public.access_roleassignment (
    id bigint NOT NULL,
    role character varying(20) NOT NULL,
    target_id character varying(68) NOT NULL,
    source character varying(12) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    needs_confirmation boolean NOT NULL,
    confirmed_at timestamp with time zone,
    confirmed_by_id integer,
    connection_id bigint,
    granted_by_id integer,
    group_id integer,
    user_id integer,
    CONSTRAINT role_assignment_confirmed_by_another CHECK (((confirmed_by_id IS NULL) OR (granted_by_id IS NULL) OR (NOT ((confirmed_by_id = granted_by_id) AND (confirmed_by_id IS NOT NULL) AND (granted_by_id IS NOT NULL))))),
    CONSTRAINT role_assignment_of_a_person_or_a_group CHECK ((((group_id IS NULL) AND (user_id IS NOT NULL)) OR ((group_id IS NOT NULL) AND (user_id IS NULL)))),
    CONSTRAINT role_assignment_target_in_an_organization CHECK (((connection_id IS NOT NULL) OR ((target_id)::text = ''::text)))
);



ALTER TABLE public.access_roleassignment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_roleassignment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.access_savedview (
    id bigint NOT NULL,
    list_name character varying(80) NOT NULL,
    name character varying(60) NOT NULL,
    query character varying(1000) NOT NULL,
    is_shared boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    connection_id bigint,
    person_id integer NOT NULL
);



ALTER TABLE public.access_savedview ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_savedview_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id integer NOT NULL
);



ALTER TABLE public.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);



ALTER TABLE public.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.approvals_review (
    id bigint NOT NULL,
    subject_kind character varying(40) NOT NULL,
    subject_id character varying(64) NOT NULL,
    digest character varying(64) NOT NULL,
    verdict character varying(16) NOT NULL,
    body text NOT NULL,
    stepped_up_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    voided_at timestamp with time zone,
    void_reason character varying(300) NOT NULL,
    audit_entry_id bigint,
    carried_from_id bigint,
    connection_id bigint NOT NULL,
    reviewer_id integer NOT NULL
);



ALTER TABLE public.approvals_review ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.approvals_review_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.approvals_settingversion (
    id bigint NOT NULL,
    kind character varying(20) NOT NULL,
    version integer NOT NULL,
    state character varying(10) NOT NULL,
    content jsonb NOT NULL,
    reason text NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    connection_id bigint NOT NULL,
    decided_by_id integer,
    proposed_by_id integer NOT NULL,
    by_command boolean NOT NULL,
    CONSTRAINT approvals_settingversion_version_check CHECK ((version >= 0)),
    CONSTRAINT settingversion_active_is_decided CHECK (((NOT ((state)::text = ANY ((ARRAY['active'::character varying, 'superseded'::character varying])::text[]))) OR (decided_by_id IS NOT NULL) OR by_command)),
    CONSTRAINT settingversion_second_person CHECK (((NOT ((state)::text = ANY ((ARRAY['active'::character varying, 'superseded'::character varying])::text[]))) OR (NOT ((decided_by_id = proposed_by_id) AND (decided_by_id IS NOT NULL)))))
);



ALTER TABLE public.approvals_settingversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.approvals_settingversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.audit_auditcheckpoint (
    number bigint NOT NULL,
    tree_size bigint NOT NULL,
    root_hash bytea NOT NULL,
    made_at timestamp with time zone NOT NULL,
    note text NOT NULL,
    public_key character varying(200) NOT NULL
);



CREATE TABLE public.audit_auditentry (
    id bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    action character varying(80) NOT NULL,
    outcome character varying(7) NOT NULL,
    actor_kind character varying(15) NOT NULL,
    actor_id bigint,
    actor_name character varying(200) NOT NULL,
    on_behalf_of character varying(200) NOT NULL,
    token_id bigint,
    session character varying(16) NOT NULL,
    address character varying(45) NOT NULL,
    request_id character varying(64) NOT NULL,
    object_kind character varying(40) NOT NULL,
    object_id character varying(200) NOT NULL,
    object_name character varying(300) NOT NULL,
    connection_id bigint,
    target_id character varying(40) NOT NULL,
    before jsonb,
    after jsonb
);



ALTER TABLE public.audit_auditentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.audit_auditentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.audit_auditleaf (
    "position" bigint NOT NULL,
    leaf_hash bytea NOT NULL,
    entry_id bigint NOT NULL
);



CREATE TABLE public.audit_auditnode (
    level smallint NOT NULL,
    index bigint NOT NULL,
    node_hash bytea NOT NULL
);



CREATE TABLE public.audit_auditverification (
    id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    tree_size bigint NOT NULL,
    checkpoints bigint NOT NULL,
    problems jsonb NOT NULL
);



ALTER TABLE public.audit_auditverification ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.audit_auditverification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.audit_checkpointdelivery (
    destination character varying(20) NOT NULL,
    delivered bigint NOT NULL,
    tried_at timestamp with time zone,
    delivered_at timestamp with time zone,
    error text NOT NULL
);



CREATE TABLE public.audit_eventstream (
    destination character varying(20) NOT NULL,
    next_position bigint NOT NULL,
    streamed_at timestamp with time zone,
    error text NOT NULL
);



CREATE TABLE public.audit_unsealedentry (
    entry_id bigint NOT NULL
);



CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);



ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);



ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);



ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.auth_user (
    id integer NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    username character varying(150) NOT NULL,
    first_name character varying(150) NOT NULL,
    last_name character varying(150) NOT NULL,
    email character varying(254) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL
);



CREATE TABLE public.auth_user_groups (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    group_id integer NOT NULL
);



ALTER TABLE public.auth_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



ALTER TABLE public.auth_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.auth_user_user_permissions (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    permission_id integer NOT NULL
);



ALTER TABLE public.auth_user_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.changes_changecomment (
    id bigint NOT NULL,
    revision integer NOT NULL,
    operation integer,
    line integer,
    body text NOT NULL,
    suggestion text NOT NULL,
    taken_over_at timestamp with time zone,
    resolved_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    answers_id bigint,
    author_id integer NOT NULL,
    resolved_by_id integer,
    change_request_id bigint NOT NULL,
    text_sha256 character varying(64) NOT NULL,
    CONSTRAINT changes_changecomment_line_check CHECK ((line >= 0)),
    CONSTRAINT changes_changecomment_operation_check CHECK ((operation >= 0)),
    CONSTRAINT changes_changecomment_revision_check CHECK ((revision >= 0))
);



ALTER TABLE public.changes_changecomment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.changes_changecomment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.changes_changecontribution (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    revision integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    person_id integer NOT NULL,
    change_request_id bigint NOT NULL,
    CONSTRAINT changes_changecontribution_revision_check CHECK ((revision >= 0))
);



ALTER TABLE public.changes_changecontribution ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.changes_changecontribution_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.changes_changelock (
    id bigint NOT NULL,
    object_id character varying(140) NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL,
    change_request_id bigint NOT NULL
);



ALTER TABLE public.changes_changelock ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.changes_changelock_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.changes_changerequest (
    id bigint NOT NULL,
    number integer NOT NULL,
    title character varying(200) NOT NULL,
    reason text NOT NULL,
    ticket_url character varying(500) NOT NULL,
    state character varying(24) NOT NULL,
    state_at timestamp with time zone NOT NULL,
    state_reason text NOT NULL,
    applied character varying(9) NOT NULL,
    policy_ids character varying(4) NOT NULL,
    operations jsonb NOT NULL,
    rings jsonb NOT NULL,
    revision integer NOT NULL,
    revert_at timestamp with time zone,
    scheduled_for timestamp with time zone,
    expires_at timestamp with time zone,
    emergency boolean NOT NULL,
    ratify_by timestamp with time zone,
    plan_sha256 character varying(64) NOT NULL,
    overrides jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    submitted_at timestamp with time zone,
    applied_at timestamp with time zone,
    author_id integer NOT NULL,
    connection_id bigint NOT NULL,
    undoes_id bigint,
    evidence_id bigint,
    escalated_at timestamp with time zone,
    needs_step_up boolean NOT NULL,
    object_ids character varying(140)[] NOT NULL,
    reaching_ids character varying(140)[] NOT NULL,
    required_approvals jsonb NOT NULL,
    waiting_for integer[] NOT NULL,
    emergency_by_id integer,
    emergency_reason text NOT NULL,
    CONSTRAINT changerequest_reviewed_has_evidence CHECK (((NOT ((state)::text = ANY ((ARRAY['in_review'::character varying, 'approved'::character varying, 'scheduled'::character varying, 'handed_out'::character varying])::text[]))) OR ((evidence_id IS NOT NULL) AND (NOT ((plan_sha256)::text = ''::text))))),
    CONSTRAINT changes_changerequest_number_check CHECK ((number >= 0)),
    CONSTRAINT changes_changerequest_revision_check CHECK ((revision >= 0))
);



ALTER TABLE public.changes_changerequest ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.changes_changerequest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.changes_evidence (
    id bigint NOT NULL,
    revision integer NOT NULL,
    sha256 character varying(64) NOT NULL,
    conclusions_sha256 character varying(64) NOT NULL,
    plan_sha256 character varying(64) NOT NULL,
    conclusions jsonb NOT NULL,
    content jsonb NOT NULL,
    base jsonb NOT NULL,
    plan jsonb NOT NULL,
    run_id bigint,
    as_of timestamp with time zone,
    made_at timestamp with time zone NOT NULL,
    seconds double precision NOT NULL,
    change_request_id bigint NOT NULL,
    usage_denied character varying(9) NOT NULL,
    CONSTRAINT changes_evidence_revision_check CHECK ((revision >= 0))
);



ALTER TABLE public.changes_evidence ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.changes_evidence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.changes_journalentry (
    id bigint NOT NULL,
    step integer NOT NULL,
    attempt integer NOT NULL,
    phase character varying(9) NOT NULL,
    call character varying(40) NOT NULL,
    outcome character varying(40) NOT NULL,
    aws_request_id character varying(80) NOT NULL,
    detail jsonb NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    audit_entry_id bigint,
    rollout_id bigint NOT NULL,
    CONSTRAINT changes_journalentry_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT changes_journalentry_step_check CHECK ((step >= 0))
);



ALTER TABLE public.changes_journalentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.changes_journalentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.changes_ringdenials (
    id bigint NOT NULL,
    state character varying(12) NOT NULL,
    predicted_seen integer NOT NULL,
    not_predicted integer NOT NULL,
    not_seen integer NOT NULL,
    found jsonb NOT NULL,
    read_until timestamp with time zone,
    held_at timestamp with time zone,
    judged_at timestamp with time zone NOT NULL,
    ring_id bigint NOT NULL,
    CONSTRAINT changes_ringdenials_not_predicted_check CHECK ((not_predicted >= 0)),
    CONSTRAINT changes_ringdenials_not_seen_check CHECK ((not_seen >= 0)),
    CONSTRAINT changes_ringdenials_predicted_seen_check CHECK ((predicted_seen >= 0))
);



ALTER TABLE public.changes_ringdenials ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.changes_ringdenials_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.changes_rollout (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    plan jsonb NOT NULL,
    plan_sha256 character varying(64) NOT NULL,
    "position" integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    not_before timestamp with time zone,
    halt_requested_at timestamp with time zone,
    halt_reason text NOT NULL,
    lease_until timestamp with time zone,
    lease_holder character varying(100) NOT NULL,
    change_request_id bigint NOT NULL,
    halt_requested_by_id integer,
    started_by_id integer,
    audit_entry_id bigint,
    base jsonb,
    created jsonb NOT NULL,
    locked_at timestamp with time zone,
    seen_run_id bigint,
    undoes_id bigint,
    CONSTRAINT changes_rollout_position_check CHECK (("position" >= 0))
);



ALTER TABLE public.changes_rollout ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.changes_rollout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.changes_rolloutring (
    id bigint NOT NULL,
    number integer NOT NULL,
    name character varying(120) NOT NULL,
    targets jsonb NOT NULL,
    soak_minutes integer NOT NULL,
    gate character varying(9) NOT NULL,
    state character varying(8) NOT NULL,
    started_at timestamp with time zone,
    applied_at timestamp with time zone,
    soak_until timestamp with time zone,
    gate_at timestamp with time zone,
    gate_reason text NOT NULL,
    gate_by_id integer,
    rollout_id bigint NOT NULL,
    CONSTRAINT changes_rolloutring_number_check CHECK ((number >= 0)),
    CONSTRAINT changes_rolloutring_soak_minutes_check CHECK ((soak_minutes >= 0))
);



ALTER TABLE public.changes_rolloutring ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.changes_rolloutring_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.contracts_contractmatch (
    id bigint NOT NULL,
    edge_key character varying(64) NOT NULL,
    connection_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    matched_from timestamp with time zone NOT NULL,
    matched_until timestamp with time zone,
    CONSTRAINT contract_match_ends_after_it_begins CHECK (((matched_until IS NULL) OR (matched_until > matched_from)))
);



ALTER TABLE public.contracts_contractmatch ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contracts_contractmatch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.contracts_contractmatching (
    id bigint NOT NULL,
    known_from timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.contracts_contractmatching ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contracts_contractmatching_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.contracts_trustcontract (
    id bigint NOT NULL,
    number integer NOT NULL,
    version integer NOT NULL,
    state character varying(10) NOT NULL,
    source jsonb NOT NULL,
    target jsonb NOT NULL,
    actions jsonb NOT NULL,
    guards jsonb NOT NULL,
    purpose text NOT NULL,
    until date,
    digest character varying(64) NOT NULL,
    declared_at timestamp with time zone NOT NULL,
    proposed_at timestamp with time zone,
    decided_at timestamp with time zone,
    ended_at timestamp with time zone,
    end_reason character varying(500) NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL,
    declared_by_id integer NOT NULL,
    replaces_id bigint,
    target_ids character varying(140)[] NOT NULL,
    waiting_for integer[] NOT NULL,
    CONSTRAINT contracts_trustcontract_number_check CHECK ((number >= 0)),
    CONSTRAINT contracts_trustcontract_version_check CHECK ((version >= 0)),
    CONSTRAINT trust_contract_active_is_decided CHECK (((NOT ((state)::text = 'active'::text)) OR (decided_at IS NOT NULL)))
);



ALTER TABLE public.contracts_trustcontract ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contracts_trustcontract_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.contracts_trustcontractversion (
    id bigint NOT NULL,
    version integer NOT NULL,
    terms jsonb NOT NULL,
    digest character varying(64) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    contract_id bigint NOT NULL,
    made_by_id integer NOT NULL,
    CONSTRAINT contracts_trustcontractversion_version_check CHECK ((version >= 0))
);



ALTER TABLE public.contracts_trustcontractversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contracts_trustcontractversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.detections_detection (
    id bigint NOT NULL,
    rule_id character varying(80) NOT NULL,
    title character varying(200) NOT NULL,
    severity character varying(8) NOT NULL,
    topic character varying(20) NOT NULL,
    subject_kind character varying(24) NOT NULL,
    subject_id character varying(512) NOT NULL,
    subject_account_id character varying(12) NOT NULL,
    account_id character varying(12) NOT NULL,
    principal character varying(1024) NOT NULL,
    window_start timestamp with time zone NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    count bigint NOT NULL,
    unknown jsonb NOT NULL,
    raised_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_as character varying(12) NOT NULL,
    closed_for character varying(500) NOT NULL,
    closed_by_id integer,
    connection_id bigint NOT NULL,
    severity_rank smallint GENERATED ALWAYS AS (
CASE
    WHEN ((severity)::text = 'critical'::text) THEN 0
    WHEN ((severity)::text = 'high'::text) THEN 1
    WHEN ((severity)::text = 'medium'::text) THEN 2
    WHEN ((severity)::text = 'low'::text) THEN 3
    ELSE 4
END) STORED,
    CONSTRAINT detection_closed_as CHECK (((closed_at IS NULL) OR (NOT ((closed_as)::text = ''::text))))
);



ALTER TABLE public.detections_detection ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.detections_detection_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.detections_detectionevidence (
    id bigint NOT NULL,
    key character varying(80) NOT NULL,
    at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    account_id character varying(12) NOT NULL,
    region character varying(32) NOT NULL,
    event_source character varying(128) NOT NULL,
    event_name character varying(128) NOT NULL,
    principal character varying(1024) NOT NULL,
    count bigint NOT NULL,
    content jsonb,
    detection_id bigint NOT NULL
);



ALTER TABLE public.detections_detectionevidence ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.detections_detectionevidence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.detections_detectionruleversion (
    id bigint NOT NULL,
    version integer NOT NULL,
    document jsonb,
    digest character varying(64) NOT NULL,
    enabled boolean NOT NULL,
    reason character varying(500) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    rule_id character varying(80) NOT NULL,
    connection_id bigint NOT NULL,
    made_by_id integer NOT NULL,
    CONSTRAINT detections_detectionruleversion_version_check CHECK ((version >= 0))
);



ALTER TABLE public.detections_detectionruleversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.detections_detectionruleversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.detections_unjudgedlogs (
    id bigint NOT NULL,
    event_ids jsonb NOT NULL,
    days jsonb NOT NULL,
    read_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.detections_unjudgedlogs ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.detections_unjudgedlogs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);



ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);



ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);



CREATE TABLE public.drift_driftevent (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    what character varying(24) NOT NULL,
    detail jsonb NOT NULL,
    actor_id integer,
    item_id bigint NOT NULL
);



ALTER TABLE public.drift_driftevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.drift_driftevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.drift_driftitem (
    id bigint NOT NULL,
    key character varying(64) NOT NULL,
    kind character varying(40) NOT NULL,
    target_kind character varying(24) NOT NULL,
    target_id character varying(2048) NOT NULL,
    target_name character varying(512) NOT NULL,
    account_id character varying(12) NOT NULL,
    attribute character varying(80) NOT NULL,
    desired jsonb,
    collected jsonb,
    base jsonb,
    effect character varying(9) NOT NULL,
    effect_detail jsonb NOT NULL,
    severity character varying(8) NOT NULL,
    accounts integer NOT NULL,
    state character varying(8) NOT NULL,
    verified boolean NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    resolution character varying(80) NOT NULL,
    reopened integer NOT NULL,
    explained_by jsonb,
    baseline_version integer,
    connection_id bigint NOT NULL,
    place_id character varying(68) NOT NULL,
    subject character varying(2300) NOT NULL,
    CONSTRAINT drift_driftitem_accounts_check CHECK ((accounts >= 0)),
    CONSTRAINT drift_driftitem_baseline_version_check CHECK ((baseline_version >= 0)),
    CONSTRAINT drift_driftitem_reopened_check CHECK ((reopened >= 0)),
    CONSTRAINT drift_item_resolved_at CHECK (((NOT ((state)::text = 'resolved'::text)) OR (resolved_at IS NOT NULL)))
);



ALTER TABLE public.drift_driftitem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.drift_driftitem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.drift_driftreading (
    id bigint NOT NULL,
    looked_until timestamp with time zone,
    baseline_version integer,
    marks jsonb NOT NULL,
    read_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL,
    CONSTRAINT drift_driftreading_baseline_version_check CHECK ((baseline_version >= 0))
);



ALTER TABLE public.drift_driftreading ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.drift_driftreading_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.drift_ignorerule (
    id bigint NOT NULL,
    number integer NOT NULL,
    kind character varying(40) NOT NULL,
    target_id character varying(140) NOT NULL,
    attribute character varying(80) NOT NULL,
    reason character varying(500) NOT NULL,
    until date NOT NULL,
    made_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    connection_id bigint NOT NULL,
    made_by_id integer NOT NULL,
    CONSTRAINT drift_ignorerule_number_check CHECK ((number >= 0))
);



ALTER TABLE public.drift_ignorerule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.drift_ignorerule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.exceptions_exceptionuse (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    since timestamp with time zone NOT NULL,
    exception_id bigint NOT NULL
);



ALTER TABLE public.exceptions_exceptionuse ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.exceptions_exceptionuse_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.exceptions_guardrailexception (
    id bigint NOT NULL,
    number integer NOT NULL,
    guardrail_id character varying(80) NOT NULL,
    kind character varying(9) NOT NULL,
    state character varying(9) NOT NULL,
    target_ids character varying(140)[] NOT NULL,
    principals character varying(2048)[] NOT NULL,
    reason text NOT NULL,
    mitigation text NOT NULL,
    until date NOT NULL,
    digest character varying(64) NOT NULL,
    proof jsonb NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    proposed_at timestamp with time zone,
    decided_at timestamp with time zone,
    ended_at timestamp with time zone,
    end_reason character varying(500) NOT NULL,
    used_at timestamp with time zone,
    waiting_for integer[] NOT NULL,
    asked_by_id integer NOT NULL,
    connection_id bigint NOT NULL,
    owner_id integer NOT NULL,
    edited_by integer[] NOT NULL,
    updated_at timestamp with time zone,
    version integer NOT NULL,
    CONSTRAINT exceptions_guardrailexception_number_check CHECK ((number >= 0)),
    CONSTRAINT exceptions_guardrailexception_version_check CHECK ((version >= 0)),
    CONSTRAINT guardrail_exception_active_is_decided CHECK (((NOT ((state)::text = 'active'::text)) OR (decided_at IS NOT NULL))),
    CONSTRAINT guardrail_exception_names_its_mitigation CHECK (((NOT ((kind)::text = 'mitigated'::text)) OR (NOT (mitigation = ''::text))))
);



ALTER TABLE public.exceptions_guardrailexception ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.exceptions_guardrailexception_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.guardrails_boundaccount (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    policies_sha256 character varying(64) NOT NULL,
    parent_id character varying(68) NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.guardrails_boundaccount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.guardrails_boundaccount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.guardrails_guardraildefinition (
    id bigint NOT NULL,
    guardrail_id character varying(80) NOT NULL,
    version integer NOT NULL,
    document jsonb,
    digest character varying(64) NOT NULL,
    enabled boolean NOT NULL,
    reason character varying(500) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL,
    made_by_id integer NOT NULL,
    CONSTRAINT guardrails_guardraildefinition_version_check CHECK ((version >= 0))
);



ALTER TABLE public.guardrails_guardraildefinition ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.guardrails_guardraildefinition_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.guardrails_guardrailproof (
    id bigint NOT NULL,
    digest character varying(64) NOT NULL,
    content jsonb NOT NULL
);



ALTER TABLE public.guardrails_guardrailproof ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.guardrails_guardrailproof_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.guardrails_guardrailreading (
    id bigint NOT NULL,
    guardrail_id character varying(80) NOT NULL,
    inputs_sha256 character varying(64) NOT NULL,
    scope_sha256 character varying(64) CONSTRAINT guardrails_guardrailreading_results_sha256_not_null NOT NULL,
    moment timestamp with time zone NOT NULL,
    read_at timestamp with time zone NOT NULL,
    problem character varying(500) NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.guardrails_guardrailreading ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.guardrails_guardrailreading_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.guardrails_guardrailresult (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    guardrail_id character varying(80) NOT NULL,
    account_id character varying(12) NOT NULL,
    outcome character varying(11) NOT NULL,
    connection_id bigint NOT NULL,
    proof_id bigint NOT NULL,
    CONSTRAINT guardrail_result_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.guardrails_guardrailresult ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.guardrails_guardrailresult_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.guardrails_guardrailtally (
    id bigint NOT NULL,
    guardrail_id character varying(80) NOT NULL,
    parent_id character varying(68) NOT NULL,
    holds integer NOT NULL,
    fails integer NOT NULL,
    undecided integer NOT NULL,
    not_covered integer NOT NULL,
    excepted integer NOT NULL,
    held_from timestamp with time zone NOT NULL,
    held_until timestamp with time zone,
    connection_id bigint NOT NULL,
    CONSTRAINT guardrails_guardrailtally_excepted_check CHECK ((excepted >= 0)),
    CONSTRAINT guardrails_guardrailtally_fails_check CHECK ((fails >= 0)),
    CONSTRAINT guardrails_guardrailtally_holds_check CHECK ((holds >= 0)),
    CONSTRAINT guardrails_guardrailtally_not_covered_check CHECK ((not_covered >= 0)),
    CONSTRAINT guardrails_guardrailtally_undecided_check CHECK ((undecided >= 0))
);



ALTER TABLE public.guardrails_guardrailtally ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.guardrails_guardrailtally_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.guardrails_mutationjob (
    id uuid NOT NULL,
    as_of timestamp with time zone,
    seen_part character varying(32) NOT NULL,
    token_places jsonb,
    state character varying(8) NOT NULL,
    progress character varying(200) NOT NULL,
    result jsonb,
    error text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL,
    requested_by_id integer NOT NULL,
    CONSTRAINT mutationjob_complete_has_result CHECK (((NOT ((state)::text = 'complete'::text)) OR (result IS NOT NULL)))
);



CREATE TABLE public.inbox_inboxevent (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    what character varying(24) NOT NULL,
    text text NOT NULL,
    detail jsonb NOT NULL,
    actor_id integer,
    item_id bigint NOT NULL
);



ALTER TABLE public.inbox_inboxevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_inboxevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inbox_inboxitem (
    id bigint NOT NULL,
    source character varying(12) NOT NULL,
    source_key character varying(255) NOT NULL,
    kind character varying(80) NOT NULL,
    title text NOT NULL,
    target_kind character varying(24) NOT NULL,
    target_id character varying(2048) NOT NULL,
    target_name character varying(512) NOT NULL,
    account_id character varying(12) NOT NULL,
    accounts integer NOT NULL,
    environment character varying(80) NOT NULL,
    severity character varying(8) NOT NULL,
    severity_rank smallint GENERATED ALWAYS AS (
CASE
    WHEN ((severity)::text = 'critical'::text) THEN 0
    WHEN ((severity)::text = 'high'::text) THEN 1
    WHEN ((severity)::text = 'medium'::text) THEN 2
    WHEN ((severity)::text = 'low'::text) THEN 3
    ELSE 4
END) STORED,
    state character varying(8) NOT NULL,
    verified boolean NOT NULL,
    snoozed_until date,
    excepted_until date,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    resolved_at timestamp with time zone,
    reopened integer NOT NULL,
    assignee_id integer,
    connection_id bigint NOT NULL,
    account_ids character varying(12)[] NOT NULL,
    detail jsonb NOT NULL,
    place_id character varying(68) NOT NULL,
    set_aside_for character varying(500) NOT NULL,
    whole_only boolean NOT NULL,
    part_title text NOT NULL,
    reached_ids character varying(68)[] NOT NULL,
    CONSTRAINT inbox_inboxitem_accounts_check CHECK ((accounts >= 0)),
    CONSTRAINT inbox_inboxitem_reopened_check CHECK ((reopened >= 0)),
    CONSTRAINT inbox_item_resolved_at CHECK (((NOT ((state)::text = 'resolved'::text)) OR (resolved_at IS NOT NULL)))
);



ALTER TABLE public.inbox_inboxitem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_inboxitem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inbox_inboxreading (
    id bigint NOT NULL,
    source character varying(12) NOT NULL,
    mark character varying(64) NOT NULL,
    read_at timestamp with time zone NOT NULL,
    problem character varying(500) NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.inbox_inboxreading ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbox_inboxreading_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_account (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    name character varying(128) NOT NULL,
    email character varying(254) NOT NULL,
    arn character varying(2048) NOT NULL,
    state character varying(32) NOT NULL,
    parent_id character varying(68) NOT NULL,
    path character varying(512) NOT NULL,
    joined_method character varying(16) NOT NULL,
    joined_at timestamp with time zone,
    tags jsonb NOT NULL,
    connection_id bigint NOT NULL,
    CONSTRAINT account_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_account ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_accountcoverage (
    id bigint NOT NULL,
    total smallint NOT NULL,
    complete smallint NOT NULL,
    denied smallint NOT NULL,
    unsupported smallint NOT NULL,
    oldest_complete_at timestamp with time zone,
    newest_attempt_at timestamp with time zone,
    account_id character varying(12) NOT NULL,
    users integer NOT NULL,
    groups integer NOT NULL,
    roles integer NOT NULL,
    connection_id bigint NOT NULL,
    CONSTRAINT inventory_accountcoverage_complete_check CHECK ((complete >= 0)),
    CONSTRAINT inventory_accountcoverage_denied_check CHECK ((denied >= 0)),
    CONSTRAINT inventory_accountcoverage_groups_check CHECK ((groups >= 0)),
    CONSTRAINT inventory_accountcoverage_roles_check CHECK ((roles >= 0)),
    CONSTRAINT inventory_accountcoverage_total_check CHECK ((total >= 0)),
    CONSTRAINT inventory_accountcoverage_unsupported_check CHECK ((unsupported >= 0)),
    CONSTRAINT inventory_accountcoverage_users_check CHECK ((users >= 0))
)
WITH (fillfactor='50');



ALTER TABLE public.inventory_accountcoverage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_accountcoverage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_accountsetting (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    name character varying(40) NOT NULL,
    value jsonb,
    connection_id bigint NOT NULL,
    CONSTRAINT account_setting_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_accountsetting ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_accountsetting_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_collectedspan (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    collector character varying(60) NOT NULL,
    known_from timestamp with time zone NOT NULL,
    known_until timestamp with time zone,
    connection_id bigint NOT NULL,
    region character varying(32) NOT NULL
);



ALTER TABLE public.inventory_collectedspan ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_collectedspan_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_collectiontask (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    "group" character varying(30) NOT NULL,
    state character varying(10) NOT NULL,
    attempts smallint NOT NULL,
    sent_at timestamp with time zone,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    worker character varying(120) NOT NULL,
    heartbeat_at timestamp with time zone,
    lease_until timestamp with time zone,
    connection_id bigint NOT NULL,
    run_id bigint NOT NULL,
    CONSTRAINT inventory_collectiontask_attempts_check CHECK ((attempts >= 0))
)
WITH (fillfactor='50');



ALTER TABLE public.inventory_collectiontask ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_collectiontask_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_connection (
    id bigint NOT NULL,
    name character varying(80) NOT NULL,
    slug character varying(80) NOT NULL,
    organization_role_arn character varying(2048) NOT NULL,
    audit_role_name character varying(576) NOT NULL,
    external_id character varying(1224) NOT NULL,
    home_region character varying(32) NOT NULL,
    regions jsonb NOT NULL,
    endpoint_url character varying(200) NOT NULL,
    schedule_minutes integer NOT NULL,
    enabled boolean NOT NULL,
    organization_id character varying(34) NOT NULL,
    management_account_id character varying(12) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    apply_role_arn character varying(2048) NOT NULL,
    CONSTRAINT inventory_connection_schedule_minutes_check CHECK ((schedule_minutes >= 0))
);



ALTER TABLE public.inventory_connection ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_connection_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_coverage (
    id bigint CONSTRAINT inventory_coverage_id_not_null1 NOT NULL,
    held_from timestamp with time zone NOT NULL,
    held_until timestamp with time zone,
    account_id character varying(12) CONSTRAINT inventory_coverage_account_id_not_null1 NOT NULL,
    region character varying(32) CONSTRAINT inventory_coverage_region_not_null1 NOT NULL,
    collector character varying(60) CONSTRAINT inventory_coverage_collector_not_null1 NOT NULL,
    state character varying(12) CONSTRAINT inventory_coverage_state_not_null1 NOT NULL,
    error_code character varying(120) CONSTRAINT inventory_coverage_error_code_not_null1 NOT NULL,
    message text CONSTRAINT inventory_coverage_message_not_null1 NOT NULL,
    remedy text CONSTRAINT inventory_coverage_remedy_not_null1 NOT NULL,
    complete_before_at timestamp with time zone,
    began_with jsonb NOT NULL,
    connection_id bigint CONSTRAINT inventory_coverage_connection_id_not_null1 NOT NULL,
    summary_id bigint NOT NULL
);



ALTER TABLE public.inventory_coverage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_coverage_id_seq1
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_credentialreport (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    generated_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.inventory_credentialreport ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_credentialreport_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_dailydenial (
    id bigint NOT NULL,
    connection_id bigint NOT NULL,
    day date NOT NULL,
    account_id character varying(12) NOT NULL,
    principal character varying(1024) NOT NULL,
    action character varying(128) NOT NULL,
    resource character varying(2048) NOT NULL,
    region character varying(32) NOT NULL,
    policy_type character varying(32) NOT NULL,
    policy character varying(2048) NOT NULL,
    reason character varying(8) NOT NULL,
    count bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    digest uuid NOT NULL
)
PARTITION BY RANGE (day);



CREATE SEQUENCE public.inventory_dailydenial_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;



ALTER SEQUENCE public.inventory_dailydenial_id_seq OWNED BY public.inventory_dailydenial.id;



CREATE TABLE public.inventory_dailydenial_default (
    id bigint DEFAULT nextval('public.inventory_dailydenial_id_seq'::regclass) CONSTRAINT inventory_dailydenial_id_not_null NOT NULL,
    connection_id bigint CONSTRAINT inventory_dailydenial_connection_id_not_null NOT NULL,
    day date CONSTRAINT inventory_dailydenial_day_not_null NOT NULL,
    account_id character varying(12) CONSTRAINT inventory_dailydenial_account_id_not_null NOT NULL,
    principal character varying(1024) CONSTRAINT inventory_dailydenial_principal_not_null NOT NULL,
    action character varying(128) CONSTRAINT inventory_dailydenial_action_not_null NOT NULL,
    resource character varying(2048) CONSTRAINT inventory_dailydenial_resource_not_null NOT NULL,
    region character varying(32) CONSTRAINT inventory_dailydenial_region_not_null NOT NULL,
    policy_type character varying(32) CONSTRAINT inventory_dailydenial_policy_type_not_null NOT NULL,
    policy character varying(2048) CONSTRAINT inventory_dailydenial_policy_not_null NOT NULL,
    reason character varying(8) CONSTRAINT inventory_dailydenial_reason_not_null NOT NULL,
    count bigint CONSTRAINT inventory_dailydenial_count_not_null NOT NULL,
    first_at timestamp with time zone CONSTRAINT inventory_dailydenial_first_at_not_null NOT NULL,
    last_at timestamp with time zone CONSTRAINT inventory_dailydenial_last_at_not_null NOT NULL,
    digest uuid CONSTRAINT inventory_dailydenial_digest_not_null NOT NULL
);



CREATE TABLE public.inventory_dailyusage (
    access_id bigint NOT NULL,
    day date NOT NULL,
    connection_id bigint NOT NULL,
    count bigint NOT NULL,
    denied bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL
)
PARTITION BY RANGE (day);



CREATE TABLE public.inventory_dailyusage_default (
    access_id bigint CONSTRAINT inventory_dailyusage_access_id_not_null NOT NULL,
    day date CONSTRAINT inventory_dailyusage_day_not_null NOT NULL,
    connection_id bigint CONSTRAINT inventory_dailyusage_connection_id_not_null NOT NULL,
    count bigint CONSTRAINT inventory_dailyusage_count_not_null NOT NULL,
    denied bigint CONSTRAINT inventory_dailyusage_denied_not_null NOT NULL,
    first_at timestamp with time zone CONSTRAINT inventory_dailyusage_first_at_not_null NOT NULL,
    last_at timestamp with time zone CONSTRAINT inventory_dailyusage_last_at_not_null NOT NULL
);



CREATE TABLE public.inventory_delegatedadministrator (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    service_principal character varying(128) NOT NULL,
    delegated_at timestamp with time zone,
    connection_id bigint NOT NULL,
    CONSTRAINT delegated_admin_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_delegatedadministrator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_delegatedadministrator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_deniedcalls (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    day date NOT NULL,
    service character varying(128) NOT NULL,
    policy_type character varying(32) NOT NULL,
    policy character varying(2048) NOT NULL,
    count bigint NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.inventory_deniedcalls ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_deniedcalls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_effectivepolicy (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    policy_type character varying(64) NOT NULL,
    chain character varying(64) NOT NULL,
    connection_id bigint NOT NULL,
    content_id character varying(64),
    CONSTRAINT effective_policy_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_effectivepolicy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_effectivepolicy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_effectivepolicyasking (
    id bigint NOT NULL,
    policy_type character varying(64) NOT NULL,
    chain character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    policy_updated_at timestamp with time zone,
    connection_id bigint NOT NULL
);



ALTER TABLE public.inventory_effectivepolicyasking ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_effectivepolicyasking_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_groupcoverage (
    id bigint NOT NULL,
    total smallint NOT NULL,
    complete smallint NOT NULL,
    denied smallint NOT NULL,
    unsupported smallint NOT NULL,
    oldest_complete_at timestamp with time zone,
    newest_attempt_at timestamp with time zone,
    account_id character varying(12) NOT NULL,
    "group" character varying(30) NOT NULL,
    fingerprint character varying(64) NOT NULL,
    calls jsonb NOT NULL,
    measures jsonb NOT NULL,
    connection_id bigint NOT NULL,
    run_id bigint NOT NULL,
    CONSTRAINT inventory_groupcoverage_complete_check CHECK ((complete >= 0)),
    CONSTRAINT inventory_groupcoverage_denied_check CHECK ((denied >= 0)),
    CONSTRAINT inventory_groupcoverage_total_check CHECK ((total >= 0)),
    CONSTRAINT inventory_groupcoverage_unsupported_check CHECK ((unsupported >= 0))
)
WITH (fillfactor='50');



ALTER TABLE public.inventory_groupcoverage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_groupcoverage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_groupcoveragespan (
    id bigint NOT NULL,
    held_from timestamp with time zone NOT NULL,
    held_until timestamp with time zone,
    account_id character varying(12) NOT NULL,
    total smallint NOT NULL,
    complete smallint NOT NULL,
    denied smallint NOT NULL,
    unsupported smallint NOT NULL,
    oldest_complete_at timestamp with time zone,
    connection_id bigint NOT NULL,
    summary_id bigint NOT NULL,
    CONSTRAINT inventory_groupcoveragespan_complete_check CHECK ((complete >= 0)),
    CONSTRAINT inventory_groupcoveragespan_denied_check CHECK ((denied >= 0)),
    CONSTRAINT inventory_groupcoveragespan_total_check CHECK ((total >= 0)),
    CONSTRAINT inventory_groupcoveragespan_unsupported_check CHECK ((unsupported >= 0))
);



ALTER TABLE public.inventory_groupcoveragespan ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_groupcoveragespan_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_hourlycalls (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    day date NOT NULL,
    service character varying(128) NOT NULL,
    calls bigint[] NOT NULL,
    denied bigint[] NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.inventory_hourlycalls ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_hourlycalls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_iampolicy (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    arn character varying(2048) NOT NULL,
    name character varying(128) NOT NULL,
    path character varying(512) NOT NULL,
    unique_id character varying(128) NOT NULL,
    aws_managed boolean NOT NULL,
    default_version_id character varying(16) NOT NULL,
    connection_id bigint NOT NULL,
    content_id character varying(64) NOT NULL,
    CONSTRAINT iam_policy_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_iampolicy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_iampolicy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_identitycenterprincipal (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    identity_store_id character varying(36) NOT NULL,
    kind character varying(5) NOT NULL,
    principal_id character varying(47) NOT NULL,
    name character varying(1024) NOT NULL,
    description character varying(1024) NOT NULL,
    members character varying(47)[],
    external_issuers character varying(100)[] NOT NULL,
    connection_id bigint NOT NULL,
    CONSTRAINT directory_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_identitycenterprincipal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_identitycenterprincipal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_identityprovider (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    kind character varying(4) NOT NULL,
    arn character varying(2048) NOT NULL,
    created_at timestamp with time zone,
    url character varying(255) NOT NULL,
    client_ids character varying(255)[] NOT NULL,
    thumbprints character varying(64)[] NOT NULL,
    valid_until timestamp with time zone,
    tags jsonb NOT NULL,
    connection_id bigint NOT NULL,
    metadata_id character varying(64),
    CONSTRAINT identity_provider_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_identityprovider ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_identityprovider_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_inventoryrun (
    id bigint NOT NULL,
    trigger character varying(10) NOT NULL,
    state character varying(10) NOT NULL,
    account_ids jsonb,
    requested_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    error text NOT NULL,
    rows_opened integer NOT NULL,
    rows_closed integer NOT NULL,
    counted jsonb,
    detail character varying(5) NOT NULL,
    detail_aged_out_at timestamp with time zone,
    connection_id bigint NOT NULL,
    requested_by_id integer,
    chosen_groups jsonb,
    tasks_done integer NOT NULL,
    tasks_total integer NOT NULL,
    unread jsonb NOT NULL,
    sent_at timestamp with time zone,
    CONSTRAINT inventory_inventoryrun_rows_closed_check CHECK ((rows_closed >= 0)),
    CONSTRAINT inventory_inventoryrun_rows_opened_check CHECK ((rows_opened >= 0)),
    CONSTRAINT inventory_inventoryrun_tasks_done_check CHECK ((tasks_done >= 0)),
    CONSTRAINT inventory_inventoryrun_tasks_total_check CHECK ((tasks_total >= 0))
);



ALTER TABLE public.inventory_inventoryrun ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_inventoryrun_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_kepteventname (
    id bigint NOT NULL,
    event_source character varying(128) NOT NULL,
    event_name character varying(128) NOT NULL,
    since timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.inventory_kepteventname ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_kepteventname_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_logday (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    region character varying(32) NOT NULL,
    day date NOT NULL,
    listed_at timestamp with time zone,
    objects_found integer NOT NULL,
    objects_read integer NOT NULL,
    size_bytes bigint NOT NULL,
    events bigint NOT NULL,
    duplicates bigint NOT NULL,
    unmapped bigint NOT NULL,
    newest_at timestamp with time zone,
    digests character varying(8) NOT NULL,
    digests_why text NOT NULL,
    source_id bigint NOT NULL,
    CONSTRAINT inventory_logday_objects_found_check CHECK ((objects_found >= 0)),
    CONSTRAINT inventory_logday_objects_read_check CHECK ((objects_read >= 0)),
    CONSTRAINT log_day_read_was_found CHECK ((objects_read <= objects_found))
);



ALTER TABLE public.inventory_logday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_logday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_loggedevent (
    id bigint NOT NULL,
    connection_id bigint NOT NULL,
    event_id character varying(64) NOT NULL,
    at timestamp with time zone NOT NULL,
    day date NOT NULL,
    account_id character varying(12) NOT NULL,
    region character varying(32) NOT NULL,
    event_source character varying(128) NOT NULL,
    event_name character varying(128) NOT NULL,
    principal character varying(1024) NOT NULL,
    event jsonb NOT NULL
)
PARTITION BY RANGE (day);



CREATE SEQUENCE public.inventory_loggedevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;



ALTER SEQUENCE public.inventory_loggedevent_id_seq OWNED BY public.inventory_loggedevent.id;



CREATE TABLE public.inventory_loggedevent_default (
    id bigint DEFAULT nextval('public.inventory_loggedevent_id_seq'::regclass) CONSTRAINT inventory_loggedevent_id_not_null NOT NULL,
    connection_id bigint CONSTRAINT inventory_loggedevent_connection_id_not_null NOT NULL,
    event_id character varying(64) CONSTRAINT inventory_loggedevent_event_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT inventory_loggedevent_at_not_null NOT NULL,
    day date CONSTRAINT inventory_loggedevent_day_not_null NOT NULL,
    account_id character varying(12) CONSTRAINT inventory_loggedevent_account_id_not_null NOT NULL,
    region character varying(32) CONSTRAINT inventory_loggedevent_region_not_null NOT NULL,
    event_source character varying(128) CONSTRAINT inventory_loggedevent_event_source_not_null NOT NULL,
    event_name character varying(128) CONSTRAINT inventory_loggedevent_event_name_not_null NOT NULL,
    principal character varying(1024) CONSTRAINT inventory_loggedevent_principal_not_null NOT NULL,
    event jsonb CONSTRAINT inventory_loggedevent_event_not_null NOT NULL
);



CREATE TABLE public.inventory_logobject (
    id bigint NOT NULL,
    key character varying(1024) NOT NULL,
    account_id character varying(12) NOT NULL,
    region character varying(32) NOT NULL,
    day date NOT NULL,
    size_bytes bigint NOT NULL,
    written_at timestamp with time zone,
    state character varying(10) NOT NULL,
    why text NOT NULL,
    events integer NOT NULL,
    duplicates integer NOT NULL,
    found_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    attempts smallint NOT NULL,
    retry_at timestamp with time zone,
    claim uuid,
    claimed_until timestamp with time zone,
    source_id bigint NOT NULL,
    sha256 character varying(64) NOT NULL,
    CONSTRAINT inventory_logobject_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT inventory_logobject_duplicates_check CHECK ((duplicates >= 0)),
    CONSTRAINT inventory_logobject_events_check CHECK ((events >= 0))
);



ALTER TABLE public.inventory_logobject ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_logobject_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_logquery (
    id bigint NOT NULL,
    day date NOT NULL,
    state character varying(11) NOT NULL,
    token uuid NOT NULL,
    query_id character varying(128) NOT NULL,
    estimated_bytes bigint,
    scanned_bytes bigint,
    groups integer NOT NULL,
    events bigint NOT NULL,
    why text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    source_id bigint NOT NULL,
    CONSTRAINT inventory_logquery_groups_check CHECK ((groups >= 0))
);



ALTER TABLE public.inventory_logquery ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_logquery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_logsource (
    id bigint NOT NULL,
    name character varying(128) NOT NULL,
    kind character varying(8) NOT NULL,
    bucket character varying(63) NOT NULL,
    prefix character varying(200) NOT NULL,
    organization_path character varying(34) NOT NULL,
    bucket_region character varying(32) NOT NULL,
    account_id character varying(12) NOT NULL,
    trail_arn character varying(2048) NOT NULL,
    kms_key_arn character varying(2048) NOT NULL,
    queue_url character varying(512) NOT NULL,
    read_from date NOT NULL,
    is_enabled boolean NOT NULL,
    last_listed_at timestamp with time zone,
    problem text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL,
    athena_database character varying(255) NOT NULL,
    athena_results_bucket character varying(63) NOT NULL,
    athena_table character varying(255) NOT NULL,
    athena_workgroup character varying(128) NOT NULL,
    monthly_budget_usd numeric(9,2),
    CONSTRAINT log_source_athena_has_table CHECK (((NOT ((kind)::text = 'athena'::text)) OR ((NOT ((athena_database)::text = ''::text)) AND (NOT ((athena_table)::text = ''::text)) AND (NOT ((athena_workgroup)::text = ''::text)))))
);



ALTER TABLE public.inventory_logsource ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_logsource_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_organization (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    organization_id character varying(34) NOT NULL,
    arn character varying(2048) NOT NULL,
    feature_set character varying(32) NOT NULL,
    management_account_id character varying(12) NOT NULL,
    management_account_arn character varying(2048) NOT NULL,
    management_account_email character varying(254) NOT NULL,
    connection_id bigint NOT NULL,
    CONSTRAINT organization_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_organization ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_organization_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_organizationalunit (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    target_id character varying(68) NOT NULL,
    name character varying(128) NOT NULL,
    arn character varying(2048) NOT NULL,
    parent_id character varying(68) NOT NULL,
    path character varying(512) NOT NULL,
    tags jsonb NOT NULL,
    connection_id bigint NOT NULL,
    CONSTRAINT organizational_unit_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_organizationalunit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_organizationalunit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_organizationresourcepolicy (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    policy_id character varying(130) NOT NULL,
    arn character varying(2048) NOT NULL,
    connection_id bigint NOT NULL,
    content_id character varying(64) NOT NULL,
    CONSTRAINT org_resource_policy_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_organizationresourcepolicy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_organizationresourcepolicy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_organizationsetting (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    name character varying(40) NOT NULL,
    value jsonb,
    connection_id bigint NOT NULL,
    CONSTRAINT organization_setting_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_organizationsetting ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_organizationsetting_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_permissionset (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    arn character varying(1224) NOT NULL,
    instance_arn character varying(1224) NOT NULL,
    name character varying(100) NOT NULL,
    description character varying(700) NOT NULL,
    session_duration character varying(100) NOT NULL,
    managed_policy_arns character varying(2048)[] NOT NULL,
    customer_policies character varying(640)[] NOT NULL,
    boundary character varying(2048) NOT NULL,
    connection_id bigint NOT NULL,
    inline_policy_id character varying(64),
    CONSTRAINT permission_set_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_permissionset ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_permissionset_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_permissionsetassignment (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    permission_set_arn character varying(1224) NOT NULL,
    principal_kind character varying(5) NOT NULL,
    principal_id character varying(47) NOT NULL,
    connection_id bigint NOT NULL,
    CONSTRAINT permission_use_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_permissionsetassignment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_permissionsetassignment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_policy (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    policy_id character varying(130) NOT NULL,
    arn character varying(2048) NOT NULL,
    name character varying(128) NOT NULL,
    description character varying(512) NOT NULL,
    type character varying(64) NOT NULL,
    aws_managed boolean NOT NULL,
    tags jsonb NOT NULL,
    connection_id bigint NOT NULL,
    content_id character varying(64) NOT NULL,
    CONSTRAINT policy_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_policy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_policy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_policyattachment (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    policy_id character varying(130) NOT NULL,
    target_id character varying(68) NOT NULL,
    target_type character varying(32) NOT NULL,
    connection_id bigint NOT NULL,
    CONSTRAINT policy_attachment_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_policyattachment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_policyattachment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_policycontent (
    sha256 character varying(64) NOT NULL,
    text text NOT NULL
);



CREATE TABLE public.inventory_principal (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    kind character varying(8) NOT NULL,
    arn character varying(2048) NOT NULL,
    name character varying(128) NOT NULL,
    path character varying(512) NOT NULL,
    unique_id character varying(128) NOT NULL,
    created_at timestamp with time zone,
    boundary_arn character varying(2048) NOT NULL,
    attached_policy_arns character varying(2048)[] NOT NULL,
    inline_policies jsonb NOT NULL,
    groups character varying(128)[] NOT NULL,
    instance_profile_arns character varying(2048)[] NOT NULL,
    tags jsonb NOT NULL,
    connection_id bigint NOT NULL,
    trust_policy_id character varying(64),
    CONSTRAINT principal_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_principal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_principal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_principalactivity (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    arn character varying(2048) NOT NULL,
    last_used_at timestamp with time zone,
    last_used_region character varying(32) NOT NULL,
    password_last_used_at timestamp with time zone,
    access_key_1_last_used_at timestamp with time zone,
    access_key_1_last_used_service character varying(64) CONSTRAINT inventory_principalactivity_access_key_1_last_used_ser_not_null NOT NULL,
    access_key_2_last_used_at timestamp with time zone,
    access_key_2_last_used_service character varying(64) CONSTRAINT inventory_principalactivity_access_key_2_last_used_ser_not_null NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.inventory_principalactivity ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_principalactivity_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_principalname (
    id bigint NOT NULL,
    name character varying(128) NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.inventory_principalname ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_principalname_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_readevents (
    id bigint NOT NULL,
    connection_id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    hour integer NOT NULL,
    read_on date NOT NULL,
    ids bytea NOT NULL
)
PARTITION BY RANGE (read_on);
ALTER TABLE ONLY public.inventory_readevents ALTER COLUMN ids SET STORAGE EXTERNAL;



CREATE SEQUENCE public.inventory_readevents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;



ALTER SEQUENCE public.inventory_readevents_id_seq OWNED BY public.inventory_readevents.id;



CREATE TABLE public.inventory_readevents_default (
    id bigint DEFAULT nextval('public.inventory_readevents_id_seq'::regclass) CONSTRAINT inventory_readevents_id_not_null NOT NULL,
    connection_id bigint CONSTRAINT inventory_readevents_connection_id_not_null NOT NULL,
    account_id character varying(12) CONSTRAINT inventory_readevents_account_id_not_null NOT NULL,
    hour integer CONSTRAINT inventory_readevents_hour_not_null NOT NULL,
    read_on date CONSTRAINT inventory_readevents_read_on_not_null NOT NULL,
    ids bytea CONSTRAINT inventory_readevents_ids_not_null NOT NULL
);
ALTER TABLE ONLY public.inventory_readevents_default ALTER COLUMN ids SET STORAGE EXTERNAL;



CREATE TABLE public.inventory_resourcepolicy (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    region character varying(32) NOT NULL,
    service character varying(32) NOT NULL,
    resource_type character varying(64) NOT NULL,
    arn character varying(2048) NOT NULL,
    name character varying(512) NOT NULL,
    facts jsonb NOT NULL,
    unknown jsonb NOT NULL,
    connection_id bigint NOT NULL,
    content_id character varying(64),
    CONSTRAINT resource_policy_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_resourcepolicy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_resourcepolicy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_responsibilitytransfer (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    transfer_id character varying(64) NOT NULL,
    direction character varying(8) NOT NULL,
    type character varying(32) NOT NULL,
    status character varying(32) NOT NULL,
    name character varying(256) NOT NULL,
    arn character varying(2048) NOT NULL,
    source_account_id character varying(12) NOT NULL,
    target_account_id character varying(12) NOT NULL,
    starts_at timestamp with time zone,
    ends_at timestamp with time zone,
    connection_id bigint NOT NULL,
    CONSTRAINT billing_transfer_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_responsibilitytransfer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_responsibilitytransfer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_root (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    target_id character varying(34) NOT NULL,
    name character varying(128) NOT NULL,
    arn character varying(2048) NOT NULL,
    policy_types jsonb NOT NULL,
    tags jsonb NOT NULL,
    connection_id bigint NOT NULL,
    CONSTRAINT root_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_root ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_root_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_serviceconfiguration (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    service character varying(32) NOT NULL,
    region character varying(32) NOT NULL,
    kind character varying(64) NOT NULL,
    name character varying(512) NOT NULL,
    arn character varying(2048) NOT NULL,
    facts jsonb NOT NULL,
    unknown jsonb NOT NULL,
    connection_id bigint NOT NULL,
    CONSTRAINT service_configuration_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_serviceconfiguration ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_serviceconfiguration_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_suspecteddeletion (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    "table" character varying(40) NOT NULL,
    missing_at timestamp with time zone NOT NULL,
    missing integer NOT NULL,
    known integer NOT NULL,
    closed integer NOT NULL,
    row_ids bigint[] NOT NULL,
    state character varying(9) NOT NULL,
    decided_at timestamp with time zone,
    closed_at timestamp with time zone,
    connection_id bigint NOT NULL,
    decided_by_id integer,
    CONSTRAINT inventory_suspecteddeletion_closed_check CHECK ((closed >= 0)),
    CONSTRAINT inventory_suspecteddeletion_known_check CHECK ((known >= 0)),
    CONSTRAINT inventory_suspecteddeletion_missing_check CHECK ((missing >= 0))
);



ALTER TABLE public.inventory_suspecteddeletion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_suspecteddeletion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_trustedservice (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    service_principal character varying(128) NOT NULL,
    enabled_at timestamp with time zone,
    connection_id bigint NOT NULL,
    CONSTRAINT trusted_service_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_trustedservice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_trustedservice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_unmappedcall (
    id bigint NOT NULL,
    day date NOT NULL,
    event_source character varying(256) NOT NULL,
    event_name character varying(256) NOT NULL,
    count bigint NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.inventory_unmappedcall ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_unmappedcall_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_usagecontext (
    id bigint NOT NULL,
    digest uuid NOT NULL,
    context jsonb NOT NULL,
    unknown_context jsonb NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.inventory_usagecontext ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_usagecontext_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_usedaccess (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    principal character varying(1024) NOT NULL,
    action character varying(128) NOT NULL,
    resource character varying(2048) NOT NULL,
    region character varying(32) NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    digest uuid NOT NULL,
    connection_id bigint NOT NULL,
    context_id bigint NOT NULL,
    calls bigint NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT used_access_days_in_order CHECK ((last_day >= first_day))
);



ALTER TABLE public.inventory_usedaccess ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_usedaccess_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.inventory_usercredential (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    arn character varying(2048) NOT NULL,
    user_name character varying(128) NOT NULL,
    password_enabled boolean,
    password_last_changed_at timestamp with time zone,
    mfa_active boolean,
    access_key_1_active boolean,
    access_key_1_rotated_at timestamp with time zone,
    access_key_2_active boolean,
    access_key_2_rotated_at timestamp with time zone,
    connection_id bigint NOT NULL,
    CONSTRAINT user_credential_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from)))
);



ALTER TABLE public.inventory_usercredential ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_usercredential_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.landing_zone_coreaccount (
    id bigint NOT NULL,
    purpose character varying(16) NOT NULL,
    account_id character varying(12) NOT NULL,
    confirmed_at timestamp with time zone NOT NULL,
    confirmed_by_id integer NOT NULL,
    connection_id bigint NOT NULL
);



ALTER TABLE public.landing_zone_coreaccount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.landing_zone_coreaccount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.mfa_authenticator (
    id bigint NOT NULL,
    type character varying(20) NOT NULL,
    data jsonb NOT NULL,
    user_id integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);



ALTER TABLE public.mfa_authenticator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mfa_authenticator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.notifications_chataddress (
    id bigint NOT NULL,
    name character varying(80) NOT NULL,
    service character varying(30) NOT NULL,
    shown character varying(120) NOT NULL,
    sealed_url text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    user_id integer NOT NULL
);



ALTER TABLE public.notifications_chataddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notifications_chataddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.notifications_deliverysettings (
    id bigint NOT NULL,
    grouping_minutes smallint NOT NULL,
    quiet_from time without time zone,
    quiet_until time without time zone,
    user_id integer NOT NULL,
    CONSTRAINT notifications_deliverysettings_grouping_minutes_check CHECK ((grouping_minutes >= 0)),
    CONSTRAINT quiet_hours_begin_and_end CHECK ((((quiet_from IS NULL) AND (quiet_until IS NULL)) OR ((quiet_from IS NOT NULL) AND (quiet_until IS NOT NULL))))
);



ALTER TABLE public.notifications_deliverysettings ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notifications_deliverysettings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.notifications_kindchoice (
    id bigint NOT NULL,
    kind character varying(60) NOT NULL,
    ways jsonb NOT NULL,
    user_id integer NOT NULL
);



ALTER TABLE public.notifications_kindchoice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notifications_kindchoice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.notifications_message (
    due_at timestamp with time zone NOT NULL,
    attempts smallint NOT NULL,
    holder character varying(32) NOT NULL,
    lease_until timestamp with time zone,
    last_error text NOT NULL,
    id uuid NOT NULL,
    way character varying(5) NOT NULL,
    urgent boolean NOT NULL,
    state character varying(7) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    chat_id bigint,
    user_id integer NOT NULL,
    CONSTRAINT notifications_message_attempts_check CHECK ((attempts >= 0))
);



CREATE TABLE public.notifications_message_notifications (
    id bigint NOT NULL,
    message_id uuid NOT NULL,
    notification_id bigint NOT NULL
);



ALTER TABLE public.notifications_message_notifications ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notifications_message_notifications_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.notifications_notification (
    id bigint NOT NULL,
    kind character varying(60) NOT NULL,
    title character varying(300) NOT NULL,
    lines jsonb NOT NULL,
    path character varying(1000) NOT NULL,
    in_inbox boolean NOT NULL,
    seen_as character varying(64) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    connection_id bigint,
    user_id integer NOT NULL,
    event_id bigint NOT NULL
);



ALTER TABLE public.notifications_notification ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notifications_notification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.notifications_outboxevent (
    id bigint NOT NULL,
    kind character varying(60) NOT NULL,
    subject jsonb NOT NULL,
    once character varying(120) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    state character varying(6) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts smallint NOT NULL,
    last_error text NOT NULL,
    spread_at timestamp with time zone,
    connection_id bigint,
    CONSTRAINT notifications_outboxevent_attempts_check CHECK ((attempts >= 0))
);



ALTER TABLE public.notifications_outboxevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notifications_outboxevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.notifications_webhook (
    id bigint NOT NULL,
    name character varying(80) NOT NULL,
    url character varying(2000) NOT NULL,
    kinds jsonb NOT NULL,
    sealed_secret text NOT NULL,
    sealed_previous text NOT NULL,
    previous_until timestamp with time zone,
    enabled boolean NOT NULL,
    switched_off_because text NOT NULL,
    failing_since timestamp with time zone,
    failures integer NOT NULL,
    paused_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    connection_id bigint,
    created_by_id integer,
    CONSTRAINT notifications_webhook_failures_check CHECK ((failures >= 0))
);



ALTER TABLE public.notifications_webhook ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notifications_webhook_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.notifications_webhookattempt (
    id bigint NOT NULL,
    number smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    seconds double precision NOT NULL,
    status smallint,
    error text NOT NULL,
    request_headers jsonb NOT NULL,
    answer_headers jsonb NOT NULL,
    answer_body text NOT NULL,
    ip_address character varying(45) NOT NULL,
    delivery_id uuid NOT NULL,
    CONSTRAINT notifications_webhookattempt_number_check CHECK ((number >= 0)),
    CONSTRAINT notifications_webhookattempt_status_check CHECK ((status >= 0))
);



ALTER TABLE public.notifications_webhookattempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notifications_webhookattempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.notifications_webhookdelivery (
    due_at timestamp with time zone NOT NULL,
    attempts smallint NOT NULL,
    holder character varying(32) NOT NULL,
    lease_until timestamp with time zone,
    last_error text NOT NULL,
    id uuid NOT NULL,
    kind character varying(60) NOT NULL,
    title character varying(300) NOT NULL,
    body text NOT NULL,
    state character varying(9) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    delivered_at timestamp with time zone,
    most_attempts smallint NOT NULL,
    event_id bigint,
    webhook_id bigint NOT NULL,
    CONSTRAINT notifications_webhookdelivery_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT notifications_webhookdelivery_most_attempts_check CHECK ((most_attempts >= 0))
);



CREATE TABLE public.owners_absence (
    id bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by_id integer,
    user_id integer NOT NULL,
    CONSTRAINT absence_ends_after_start CHECK ((ends_at > starts_at))
);



ALTER TABLE public.owners_absence ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.owners_absence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.owners_deputyterm (
    id bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by_id integer,
    deputy_id integer NOT NULL,
    user_id integer NOT NULL,
    CONSTRAINT deputy_ends_after_start CHECK ((ends_at > starts_at)),
    CONSTRAINT deputy_is_another CHECK ((NOT (user_id = deputy_id)))
);



ALTER TABLE public.owners_deputyterm ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.owners_deputyterm_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.owners_grantproposal (
    id bigint NOT NULL,
    kind character varying(12) NOT NULL,
    state character varying(12) NOT NULL,
    target_id character varying(68) NOT NULL,
    what character varying(240) NOT NULL,
    reason character varying(500) NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decision_note character varying(500) NOT NULL,
    by_command boolean NOT NULL,
    connection_id bigint,
    decided_by_id integer,
    group_id integer,
    proposed_by_id integer,
    role_assignment_id bigint,
    user_id integer,
    label_id bigint,
    ownership_id bigint,
    claim_rule_id bigint,
    joined_group_id integer,
    CONSTRAINT grant_proposal_decided_with_time CHECK ((((decided_at IS NULL) AND ((state)::text = 'proposed'::text)) OR ((NOT ((state)::text = 'proposed'::text)) AND (decided_at IS NOT NULL)))),
    CONSTRAINT grant_proposal_person_or_group CHECK (((user_id IS NULL) OR (group_id IS NULL))),
    CONSTRAINT grant_proposal_second_person CHECK (((NOT ((state)::text = 'confirmed'::text)) OR (decided_by_id IS NULL) OR (proposed_by_id IS NULL) OR (NOT ((decided_by_id = proposed_by_id) AND (decided_by_id IS NOT NULL) AND (proposed_by_id IS NOT NULL)))))
);



ALTER TABLE public.owners_grantproposal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.owners_grantproposal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.owners_label (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    recertified_at timestamp with time zone,
    target_id character varying(68) NOT NULL,
    kind character varying(12) NOT NULL,
    value character varying(16) NOT NULL,
    needs_second_person boolean NOT NULL,
    confirmed_by_id integer,
    connection_id bigint NOT NULL,
    created_by_id integer,
    ended_by_id integer,
    recertified_by_id integer,
    CONSTRAINT label_second_person CHECK (((confirmed_by_id IS NULL) OR (created_by_id IS NULL) OR (NOT ((confirmed_by_id = created_by_id) AND (confirmed_by_id IS NOT NULL) AND (created_by_id IS NOT NULL)))))
);



ALTER TABLE public.owners_label ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.owners_label_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.owners_labelrule (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    kind character varying(12) NOT NULL,
    tag_key character varying(128) NOT NULL,
    "values" jsonb NOT NULL,
    connection_id bigint NOT NULL,
    created_by_id integer,
    ended_by_id integer
);



ALTER TABLE public.owners_labelrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.owners_labelrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.owners_ownerrule (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    tag_key character varying(128) NOT NULL,
    "position" integer NOT NULL,
    connection_id bigint NOT NULL,
    created_by_id integer,
    ended_by_id integer,
    CONSTRAINT owners_ownerrule_position_check CHECK (("position" >= 0))
);



ALTER TABLE public.owners_ownerrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.owners_ownerrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.owners_ownerrulevalue (
    id bigint NOT NULL,
    value character varying(256) NOT NULL,
    group_id integer,
    rule_id bigint NOT NULL,
    user_id integer,
    CONSTRAINT owner_rule_value_person_or_group CHECK ((((group_id IS NULL) AND (user_id IS NOT NULL)) OR ((group_id IS NOT NULL) AND (user_id IS NULL))))
);



ALTER TABLE public.owners_ownerrulevalue ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.owners_ownerrulevalue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.owners_ownership (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    recertified_at timestamp with time zone,
    target_id character varying(68) NOT NULL,
    source character varying(8) NOT NULL,
    confirmed_by_id integer,
    connection_id bigint NOT NULL,
    created_by_id integer,
    ended_by_id integer,
    group_id integer,
    recertified_by_id integer,
    user_id integer,
    CONSTRAINT ownership_person_or_group CHECK ((((group_id IS NULL) AND (user_id IS NOT NULL)) OR ((group_id IS NOT NULL) AND (user_id IS NULL)))),
    CONSTRAINT ownership_second_person CHECK (((confirmed_by_id IS NULL) OR (created_by_id IS NULL) OR (NOT ((confirmed_by_id = created_by_id) AND (confirmed_by_id IS NOT NULL) AND (created_by_id IS NOT NULL)))))
);



ALTER TABLE public.owners_ownership ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.owners_ownership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.owners_rolerecertification (
    id bigint NOT NULL,
    recertified_at timestamp with time zone NOT NULL,
    assignment_id bigint NOT NULL,
    recertified_by_id integer
);



ALTER TABLE public.owners_rolerecertification ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.owners_rolerecertification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.owners_tagconfirmation (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    confirmed_at timestamp with time zone,
    recertified_at timestamp with time zone,
    target_id character varying(68) NOT NULL,
    tag_key character varying(128) NOT NULL,
    tag_value character varying(256) NOT NULL,
    confirmed_by_id integer,
    connection_id bigint NOT NULL,
    created_by_id integer,
    ended_by_id integer,
    group_id integer,
    recertified_by_id integer,
    user_id integer,
    CONSTRAINT tag_confirmation_person_or_group CHECK ((((group_id IS NULL) AND (user_id IS NOT NULL)) OR ((group_id IS NOT NULL) AND (user_id IS NULL))))
);



ALTER TABLE public.owners_tagconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.owners_tagconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.paths_pathjob (
    id uuid NOT NULL,
    as_of timestamp with time zone,
    seen_part character varying(32) NOT NULL,
    token_places jsonb,
    state character varying(8) NOT NULL,
    progress character varying(200) NOT NULL,
    result jsonb,
    error text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    asked jsonb NOT NULL,
    connection_id bigint NOT NULL,
    requested_by_id integer NOT NULL,
    CONSTRAINT pathjob_complete_has_result CHECK (((NOT ((state)::text = 'complete'::text)) OR (result IS NOT NULL)))
);



CREATE TABLE public.reports_subtreereport (
    id uuid NOT NULL,
    as_of timestamp with time zone,
    seen_part character varying(32) NOT NULL,
    token_places jsonb,
    state character varying(8) NOT NULL,
    progress character varying(200) NOT NULL,
    result jsonb,
    error text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    target_id character varying(68) NOT NULL,
    connection_id bigint NOT NULL,
    requested_by_id integer NOT NULL,
    CONSTRAINT subtreereport_complete_has_result CHECK (((NOT ((state)::text = 'complete'::text)) OR (result IS NOT NULL)))
);



CREATE TABLE public.simulations_simulation (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    as_of timestamp with time zone,
    operations jsonb NOT NULL,
    revision integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL,
    owner_id integer NOT NULL,
    CONSTRAINT simulations_simulation_revision_check CHECK ((revision >= 0))
);



ALTER TABLE public.simulations_simulation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.simulations_simulation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.simulations_simulationjob (
    id uuid NOT NULL,
    kind character varying(10) NOT NULL,
    operations jsonb NOT NULL,
    prior jsonb NOT NULL,
    as_of timestamp with time zone,
    until timestamp with time zone,
    state character varying(8) NOT NULL,
    progress character varying(200) NOT NULL,
    result jsonb,
    error text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL,
    requested_by_id integer NOT NULL,
    seen_part character varying(32) NOT NULL,
    token_places jsonb,
    days smallint,
    CONSTRAINT simulationjob_comparison_has_times CHECK (((NOT ((kind)::text = 'comparison'::text)) OR ((as_of IS NOT NULL) AND (until IS NOT NULL)))),
    CONSTRAINT simulationjob_complete_has_result CHECK (((NOT ((state)::text = 'complete'::text)) OR (result IS NOT NULL))),
    CONSTRAINT simulationjob_replay_has_days CHECK (((NOT ((kind)::text = 'replay'::text)) OR (days >= 1))),
    CONSTRAINT simulations_simulationjob_days_check CHECK ((days >= 0))
);



CREATE TABLE public.socialaccount_socialaccount (
    id integer NOT NULL,
    provider character varying(200) NOT NULL,
    uid character varying(191) NOT NULL,
    last_login timestamp with time zone NOT NULL,
    date_joined timestamp with time zone NOT NULL,
    extra_data jsonb NOT NULL,
    user_id integer NOT NULL
);



ALTER TABLE public.socialaccount_socialaccount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.socialaccount_socialaccount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.socialaccount_socialapp (
    id integer NOT NULL,
    provider character varying(30) NOT NULL,
    name character varying(40) NOT NULL,
    client_id character varying(191) NOT NULL,
    secret character varying(191) NOT NULL,
    key character varying(191) NOT NULL,
    provider_id character varying(200) NOT NULL,
    settings jsonb NOT NULL
);



ALTER TABLE public.socialaccount_socialapp ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.socialaccount_socialapp_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.socialaccount_socialtoken (
    id integer NOT NULL,
    token text NOT NULL,
    token_secret text NOT NULL,
    expires_at timestamp with time zone,
    account_id integer NOT NULL,
    app_id integer
);



ALTER TABLE public.socialaccount_socialtoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.socialaccount_socialtoken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.structure_baselineversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    document jsonb NOT NULL,
    digest character varying(64) NOT NULL,
    text text NOT NULL,
    source character varying(8) NOT NULL,
    target_id character varying(140) NOT NULL,
    change_number integer,
    reason character varying(500) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL,
    made_by_id integer,
    CONSTRAINT baseline_version_by_somebody CHECK ((((source)::text = 'change'::text) OR (made_by_id IS NOT NULL))),
    CONSTRAINT structure_baselineversion_change_number_check CHECK ((change_number >= 0)),
    CONSTRAINT structure_baselineversion_number_check CHECK ((number >= 0))
);



ALTER TABLE public.structure_baselineversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.structure_baselineversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.trust_externalparty (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    kind character varying(10) NOT NULL,
    account_ids jsonb NOT NULL,
    note text NOT NULL,
    version integer NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL,
    updated_by_id integer NOT NULL,
    CONSTRAINT trust_externalparty_version_check CHECK ((version >= 0))
);



ALTER TABLE public.trust_externalparty ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.trust_externalparty_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.trust_trustedge (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    key character varying(64) NOT NULL,
    account_id character varying(12) NOT NULL,
    resource_arn character varying(2048) NOT NULL,
    resource_name character varying(512) NOT NULL,
    service character varying(32) NOT NULL,
    resource_type character varying(64) NOT NULL,
    region character varying(32) NOT NULL,
    source character varying(16) NOT NULL,
    through character varying(64) NOT NULL,
    statement integer,
    sid character varying(512) NOT NULL,
    principal_kind character varying(20) NOT NULL,
    principal_id character varying(2048) NOT NULL,
    principal_account_id character varying(12) NOT NULL,
    provider character varying(512) NOT NULL,
    tenant character varying(512) NOT NULL,
    vendor character varying(200) NOT NULL,
    actions jsonb NOT NULL,
    crossing character varying(16) NOT NULL,
    state character varying(10) NOT NULL,
    guards jsonb NOT NULL,
    blocked_by jsonb,
    undecided jsonb NOT NULL,
    witness jsonb,
    connection_id bigint NOT NULL,
    content_id character varying(64),
    crossing_rank smallint GENERATED ALWAYS AS (
CASE
    WHEN ((crossing)::text = 'public'::text) THEN 0
    WHEN ((crossing)::text = 'external'::text) THEN 1
    WHEN ((crossing)::text = 'environment'::text) THEN 2
    WHEN ((crossing)::text = 'federated'::text) THEN 3
    WHEN ((crossing)::text = 'vendor'::text) THEN 4
    WHEN ((crossing)::text = 'organization'::text) THEN 5
    WHEN ((crossing)::text = 'unit'::text) THEN 6
    WHEN ((crossing)::text = 'service'::text) THEN 7
    WHEN ((crossing)::text = 'account'::text) THEN 8
    WHEN ((crossing)::text = 'none'::text) THEN 9
    ELSE 10
END) STORED,
    CONSTRAINT trust_edge_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from))),
    CONSTRAINT trust_trustedge_statement_check CHECK ((statement >= 0))
);



ALTER TABLE public.trust_trustedge ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.trust_trustedge_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.trust_trustfinding (
    id bigint NOT NULL,
    seen_from timestamp with time zone NOT NULL,
    seen_until timestamp with time zone,
    fingerprint character varying(64) NOT NULL,
    key character varying(64) NOT NULL,
    code character varying(64) NOT NULL,
    severity character varying(8) NOT NULL,
    account_id character varying(12) NOT NULL,
    subject_arn character varying(2048) NOT NULL,
    edge_key character varying(64) NOT NULL,
    statement integer,
    message text NOT NULL,
    remedy jsonb NOT NULL,
    evidence jsonb NOT NULL,
    connection_id bigint NOT NULL,
    found_in character varying(10) NOT NULL,
    severity_rank smallint GENERATED ALWAYS AS (
CASE
    WHEN ((severity)::text = 'critical'::text) THEN 0
    WHEN ((severity)::text = 'high'::text) THEN 1
    WHEN ((severity)::text = 'medium'::text) THEN 2
    WHEN ((severity)::text = 'low'::text) THEN 3
    ELSE 4
END) STORED,
    CONSTRAINT trust_finding_ends_after_it_begins CHECK (((seen_until IS NULL) OR (seen_until > seen_from))),
    CONSTRAINT trust_trustfinding_statement_check CHECK ((statement >= 0))
);



ALTER TABLE public.trust_trustfinding ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.trust_trustfinding_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.trust_trustreading (
    id bigint NOT NULL,
    account_id character varying(12) NOT NULL,
    inputs_sha256 character varying(64) NOT NULL,
    run_started_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone NOT NULL,
    problem character varying(500) NOT NULL,
    connection_id bigint NOT NULL,
    named_account_ids character varying(12)[] NOT NULL,
    rows_sha256 character varying(64) NOT NULL,
    services character varying(64)[] NOT NULL,
    wide_services character varying(64)[] NOT NULL,
    names_units boolean NOT NULL
);



ALTER TABLE public.trust_trustreading ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.trust_trustreading_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.usersessions_usersession (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ip inet NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    session_key character varying(40) NOT NULL,
    user_agent character varying(200) NOT NULL,
    data jsonb NOT NULL,
    user_id integer NOT NULL
);



ALTER TABLE public.usersessions_usersession ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.usersessions_usersession_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);



CREATE TABLE public.who_can_whocanjob (
    id uuid NOT NULL,
    asked jsonb NOT NULL,
    as_of timestamp with time zone,
    state character varying(8) NOT NULL,
    progress character varying(200) NOT NULL,
    result jsonb,
    error text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    connection_id bigint NOT NULL,
    requested_by_id integer NOT NULL,
    seen_part character varying(32) NOT NULL,
    token_places jsonb,
    CONSTRAINT whocanjob_complete_has_result CHECK (((NOT ((state)::text = 'complete'::text)) OR (result IS NOT NULL)))
);



ALTER TABLE ONLY public.inventory_dailydenial ATTACH PARTITION public.inventory_dailydenial_default DEFAULT;



ALTER TABLE ONLY public.inventory_dailyusage ATTACH PARTITION public.inventory_dailyusage_default DEFAULT;



ALTER TABLE ONLY public.inventory_loggedevent ATTACH PARTITION public.inventory_loggedevent_default DEFAULT;



ALTER TABLE ONLY public.inventory_readevents ATTACH PARTITION public.inventory_readevents_default DEFAULT;



ALTER TABLE ONLY public.inventory_dailydenial ALTER COLUMN id SET DEFAULT nextval('public.inventory_dailydenial_id_seq'::regclass);



ALTER TABLE ONLY public.inventory_loggedevent ALTER COLUMN id SET DEFAULT nextval('public.inventory_loggedevent_id_seq'::regclass);



ALTER TABLE ONLY public.inventory_readevents ALTER COLUMN id SET DEFAULT nextval('public.inventory_readevents_id_seq'::regclass);



ALTER TABLE ONLY public.access_apitoken
    ADD CONSTRAINT access_apitoken_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.access_apitoken
    ADD CONSTRAINT access_apitoken_rotated_from_id_key UNIQUE (rotated_from_id);



ALTER TABLE ONLY public.access_apitoken
    ADD CONSTRAINT access_apitoken_sha256_key UNIQUE (sha256);



ALTER TABLE ONLY public.access_claimrule
    ADD CONSTRAINT access_claimrule_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.access_profile
    ADD CONSTRAINT access_profile_pkey PRIMARY KEY (user_id);



ALTER TABLE ONLY public.access_roleassignment
    ADD CONSTRAINT access_roleassignment_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.access_savedview
    ADD CONSTRAINT access_savedview_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);



ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);



ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.approvals_review
    ADD CONSTRAINT approvals_review_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.approvals_settingversion
    ADD CONSTRAINT approvals_settingversion_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.audit_auditcheckpoint
    ADD CONSTRAINT audit_auditcheckpoint_pkey PRIMARY KEY (number);



ALTER TABLE ONLY public.audit_auditentry
    ADD CONSTRAINT audit_auditentry_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.audit_auditleaf
    ADD CONSTRAINT audit_auditleaf_entry_id_key UNIQUE (entry_id);



ALTER TABLE ONLY public.audit_auditleaf
    ADD CONSTRAINT audit_auditleaf_pkey PRIMARY KEY ("position");



ALTER TABLE ONLY public.audit_auditnode
    ADD CONSTRAINT audit_auditnode_pkey PRIMARY KEY (level, index);



ALTER TABLE ONLY public.audit_auditverification
    ADD CONSTRAINT audit_auditverification_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.audit_checkpointdelivery
    ADD CONSTRAINT audit_checkpointdelivery_pkey PRIMARY KEY (destination);



ALTER TABLE ONLY public.audit_eventstream
    ADD CONSTRAINT audit_eventstream_pkey PRIMARY KEY (destination);



ALTER TABLE ONLY public.audit_unsealedentry
    ADD CONSTRAINT audit_unsealedentry_pkey PRIMARY KEY (entry_id);



ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);



ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);



ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);



ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_user_id_group_id_94350c0c_uniq UNIQUE (user_id, group_id);



ALTER TABLE ONLY public.auth_user
    ADD CONSTRAINT auth_user_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_user_id_permission_id_14a6b632_uniq UNIQUE (user_id, permission_id);



ALTER TABLE ONLY public.auth_user
    ADD CONSTRAINT auth_user_username_key UNIQUE (username);



ALTER TABLE ONLY public.structure_baselineversion
    ADD CONSTRAINT baseline_version_once UNIQUE (connection_id, number);



ALTER TABLE ONLY public.guardrails_boundaccount
    ADD CONSTRAINT bound_account_once UNIQUE (connection_id, account_id);



ALTER TABLE ONLY public.changes_changelock
    ADD CONSTRAINT changelock_once UNIQUE (connection_id, object_id);



ALTER TABLE ONLY public.changes_changerequest
    ADD CONSTRAINT changerequest_number UNIQUE (connection_id, number);



ALTER TABLE ONLY public.changes_changecomment
    ADD CONSTRAINT changes_changecomment_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.changes_changecontribution
    ADD CONSTRAINT changes_changecontribution_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.changes_changelock
    ADD CONSTRAINT changes_changelock_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.changes_changerequest
    ADD CONSTRAINT changes_changerequest_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.changes_evidence
    ADD CONSTRAINT changes_evidence_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.changes_evidence
    ADD CONSTRAINT changes_evidence_sha256_key UNIQUE (sha256);



ALTER TABLE ONLY public.changes_journalentry
    ADD CONSTRAINT changes_journalentry_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.changes_ringdenials
    ADD CONSTRAINT changes_ringdenials_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.changes_ringdenials
    ADD CONSTRAINT changes_ringdenials_ring_id_key UNIQUE (ring_id);



ALTER TABLE ONLY public.changes_rollout
    ADD CONSTRAINT changes_rollout_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.changes_rolloutring
    ADD CONSTRAINT changes_rolloutring_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.contracts_contractmatch
    ADD CONSTRAINT contracts_contractmatch_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.contracts_contractmatching
    ADD CONSTRAINT contracts_contractmatching_connection_id_key UNIQUE (connection_id);



ALTER TABLE ONLY public.contracts_contractmatching
    ADD CONSTRAINT contracts_contractmatching_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.contracts_trustcontract
    ADD CONSTRAINT contracts_trustcontract_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.contracts_trustcontractversion
    ADD CONSTRAINT contracts_trustcontractversion_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.landing_zone_coreaccount
    ADD CONSTRAINT core_account_once UNIQUE (connection_id, purpose);



ALTER TABLE ONLY public.inventory_dailydenial
    ADD CONSTRAINT daily_denial_once UNIQUE (connection_id, day, digest);



ALTER TABLE ONLY public.detections_detectionevidence
    ADD CONSTRAINT detection_evidence_once UNIQUE (detection_id, key);



ALTER TABLE ONLY public.detections_detection
    ADD CONSTRAINT detection_once UNIQUE (connection_id, rule_id, subject_kind, subject_id, window_start);



ALTER TABLE ONLY public.detections_detectionruleversion
    ADD CONSTRAINT detection_rule_version_once UNIQUE (connection_id, rule_id, version);



ALTER TABLE ONLY public.detections_detection
    ADD CONSTRAINT detections_detection_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.detections_detectionevidence
    ADD CONSTRAINT detections_detectionevidence_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.detections_detectionruleversion
    ADD CONSTRAINT detections_detectionruleversion_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.detections_unjudgedlogs
    ADD CONSTRAINT detections_unjudgedlogs_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);



ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);



ALTER TABLE ONLY public.drift_driftevent
    ADD CONSTRAINT drift_driftevent_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.drift_driftitem
    ADD CONSTRAINT drift_driftitem_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.drift_driftreading
    ADD CONSTRAINT drift_driftreading_connection_id_key UNIQUE (connection_id);



ALTER TABLE ONLY public.drift_driftreading
    ADD CONSTRAINT drift_driftreading_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.drift_ignorerule
    ADD CONSTRAINT drift_ignorerule_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.drift_driftitem
    ADD CONSTRAINT drift_item_once UNIQUE (connection_id, key);



ALTER TABLE ONLY public.exceptions_exceptionuse
    ADD CONSTRAINT exception_use_once UNIQUE (exception_id, account_id);



ALTER TABLE ONLY public.exceptions_exceptionuse
    ADD CONSTRAINT exceptions_exceptionuse_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.exceptions_guardrailexception
    ADD CONSTRAINT exceptions_guardrailexception_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.trust_externalparty
    ADD CONSTRAINT external_party_once UNIQUE (connection_id, name);



ALTER TABLE ONLY public.guardrails_guardraildefinition
    ADD CONSTRAINT guardrail_definition_once UNIQUE (connection_id, guardrail_id, version);



ALTER TABLE ONLY public.exceptions_guardrailexception
    ADD CONSTRAINT guardrail_exception_once UNIQUE (connection_id, number);



ALTER TABLE ONLY public.guardrails_guardrailreading
    ADD CONSTRAINT guardrail_reading_once UNIQUE (connection_id, guardrail_id);



ALTER TABLE ONLY public.guardrails_boundaccount
    ADD CONSTRAINT guardrails_boundaccount_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.guardrails_guardraildefinition
    ADD CONSTRAINT guardrails_guardraildefinition_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.guardrails_guardrailproof
    ADD CONSTRAINT guardrails_guardrailproof_digest_key UNIQUE (digest);



ALTER TABLE ONLY public.guardrails_guardrailproof
    ADD CONSTRAINT guardrails_guardrailproof_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.guardrails_guardrailreading
    ADD CONSTRAINT guardrails_guardrailreading_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.guardrails_guardrailresult
    ADD CONSTRAINT guardrails_guardrailresult_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.guardrails_guardrailtally
    ADD CONSTRAINT guardrails_guardrailtally_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.guardrails_mutationjob
    ADD CONSTRAINT guardrails_mutationjob_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_hourlycalls
    ADD CONSTRAINT hourly_calls_once UNIQUE (connection_id, account_id, day, service);



ALTER TABLE ONLY public.drift_ignorerule
    ADD CONSTRAINT ignore_rule_once UNIQUE (connection_id, number);



ALTER TABLE ONLY public.inbox_inboxevent
    ADD CONSTRAINT inbox_inboxevent_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inbox_inboxitem
    ADD CONSTRAINT inbox_inboxitem_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inbox_inboxreading
    ADD CONSTRAINT inbox_inboxreading_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inbox_inboxitem
    ADD CONSTRAINT inbox_item_once UNIQUE (connection_id, source, source_key);



ALTER TABLE ONLY public.inbox_inboxreading
    ADD CONSTRAINT inbox_reading_once UNIQUE (connection_id, source);



ALTER TABLE ONLY public.inventory_account
    ADD CONSTRAINT inventory_account_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_accountcoverage
    ADD CONSTRAINT inventory_accountcoverage_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_accountsetting
    ADD CONSTRAINT inventory_accountsetting_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_collectedspan
    ADD CONSTRAINT inventory_collectedspan_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_collectiontask
    ADD CONSTRAINT inventory_collectiontask_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_connection
    ADD CONSTRAINT inventory_connection_name_key UNIQUE (name);



ALTER TABLE ONLY public.inventory_connection
    ADD CONSTRAINT inventory_connection_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_connection
    ADD CONSTRAINT inventory_connection_slug_key UNIQUE (slug);



ALTER TABLE ONLY public.inventory_coverage
    ADD CONSTRAINT inventory_coverage_pkey1 PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_credentialreport
    ADD CONSTRAINT inventory_credentialreport_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_dailydenial_default
    ADD CONSTRAINT inventory_dailydenial_default_connection_id_day_digest_key UNIQUE (connection_id, day, digest);



ALTER TABLE ONLY public.inventory_dailydenial
    ADD CONSTRAINT inventory_dailydenial_pkey PRIMARY KEY (id, day);



ALTER TABLE ONLY public.inventory_dailydenial_default
    ADD CONSTRAINT inventory_dailydenial_default_pkey PRIMARY KEY (id, day);



ALTER TABLE ONLY public.inventory_dailyusage
    ADD CONSTRAINT inventory_dailyusage_pkey PRIMARY KEY (access_id, day);



ALTER TABLE ONLY public.inventory_dailyusage_default
    ADD CONSTRAINT inventory_dailyusage_default_pkey PRIMARY KEY (access_id, day);



ALTER TABLE ONLY public.inventory_delegatedadministrator
    ADD CONSTRAINT inventory_delegatedadministrator_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_deniedcalls
    ADD CONSTRAINT inventory_deniedcalls_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_effectivepolicy
    ADD CONSTRAINT inventory_effectivepolicy_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_effectivepolicyasking
    ADD CONSTRAINT inventory_effectivepolicyasking_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_groupcoverage
    ADD CONSTRAINT inventory_groupcoverage_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_groupcoveragespan
    ADD CONSTRAINT inventory_groupcoveragespan_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_hourlycalls
    ADD CONSTRAINT inventory_hourlycalls_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_iampolicy
    ADD CONSTRAINT inventory_iampolicy_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_identitycenterprincipal
    ADD CONSTRAINT inventory_identitycenterprincipal_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_identityprovider
    ADD CONSTRAINT inventory_identityprovider_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_inventoryrun
    ADD CONSTRAINT inventory_inventoryrun_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_kepteventname
    ADD CONSTRAINT inventory_kepteventname_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_logday
    ADD CONSTRAINT inventory_logday_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_loggedevent
    ADD CONSTRAINT logged_event_once UNIQUE (connection_id, day, event_id);



ALTER TABLE ONLY public.inventory_loggedevent_default
    ADD CONSTRAINT inventory_loggedevent_default_connection_id_day_event_id_key UNIQUE (connection_id, day, event_id);



ALTER TABLE ONLY public.inventory_loggedevent
    ADD CONSTRAINT inventory_loggedevent_pkey PRIMARY KEY (id, day);



ALTER TABLE ONLY public.inventory_loggedevent_default
    ADD CONSTRAINT inventory_loggedevent_default_pkey PRIMARY KEY (id, day);



ALTER TABLE ONLY public.inventory_logobject
    ADD CONSTRAINT inventory_logobject_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_logquery
    ADD CONSTRAINT inventory_logquery_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_logquery
    ADD CONSTRAINT inventory_logquery_token_key UNIQUE (token);



ALTER TABLE ONLY public.inventory_logsource
    ADD CONSTRAINT inventory_logsource_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_organization
    ADD CONSTRAINT inventory_organization_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_organizationalunit
    ADD CONSTRAINT inventory_organizationalunit_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_organizationresourcepolicy
    ADD CONSTRAINT inventory_organizationresourcepolicy_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_organizationsetting
    ADD CONSTRAINT inventory_organizationsetting_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_permissionset
    ADD CONSTRAINT inventory_permissionset_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_permissionsetassignment
    ADD CONSTRAINT inventory_permissionsetassignment_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_policy
    ADD CONSTRAINT inventory_policy_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_policyattachment
    ADD CONSTRAINT inventory_policyattachment_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_policycontent
    ADD CONSTRAINT inventory_policycontent_pkey PRIMARY KEY (sha256);



ALTER TABLE ONLY public.inventory_principal
    ADD CONSTRAINT inventory_principal_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_principalactivity
    ADD CONSTRAINT inventory_principalactivity_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_principalname
    ADD CONSTRAINT inventory_principalname_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_readevents
    ADD CONSTRAINT inventory_readevents_pkey PRIMARY KEY (id, read_on);



ALTER TABLE ONLY public.inventory_readevents_default
    ADD CONSTRAINT inventory_readevents_default_pkey PRIMARY KEY (id, read_on);



ALTER TABLE ONLY public.inventory_resourcepolicy
    ADD CONSTRAINT inventory_resourcepolicy_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_responsibilitytransfer
    ADD CONSTRAINT inventory_responsibilitytransfer_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_root
    ADD CONSTRAINT inventory_root_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_serviceconfiguration
    ADD CONSTRAINT inventory_serviceconfiguration_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_suspecteddeletion
    ADD CONSTRAINT inventory_suspecteddeletion_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_trustedservice
    ADD CONSTRAINT inventory_trustedservice_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_unmappedcall
    ADD CONSTRAINT inventory_unmappedcall_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_usagecontext
    ADD CONSTRAINT inventory_usagecontext_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_usedaccess
    ADD CONSTRAINT inventory_usedaccess_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_usercredential
    ADD CONSTRAINT inventory_usercredential_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_kepteventname
    ADD CONSTRAINT kept_event_name_once UNIQUE (connection_id, event_source, event_name);



ALTER TABLE ONLY public.landing_zone_coreaccount
    ADD CONSTRAINT landing_zone_coreaccount_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_logday
    ADD CONSTRAINT log_day_once UNIQUE (source_id, account_id, region, day);



ALTER TABLE ONLY public.inventory_logobject
    ADD CONSTRAINT log_object_once UNIQUE (source_id, key);



ALTER TABLE ONLY public.inventory_logsource
    ADD CONSTRAINT log_source_place UNIQUE (connection_id, bucket, prefix, organization_path);



ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.notifications_chataddress
    ADD CONSTRAINT notifications_chataddress_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.notifications_deliverysettings
    ADD CONSTRAINT notifications_deliverysettings_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.notifications_deliverysettings
    ADD CONSTRAINT notifications_deliverysettings_user_id_key UNIQUE (user_id);



ALTER TABLE ONLY public.notifications_kindchoice
    ADD CONSTRAINT notifications_kindchoice_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.notifications_message_notifications
    ADD CONSTRAINT notifications_message_no_message_id_notification__feadfafa_uniq UNIQUE (message_id, notification_id);



ALTER TABLE ONLY public.notifications_message_notifications
    ADD CONSTRAINT notifications_message_notifications_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.notifications_message
    ADD CONSTRAINT notifications_message_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.notifications_notification
    ADD CONSTRAINT notifications_notification_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.notifications_outboxevent
    ADD CONSTRAINT notifications_outboxevent_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.notifications_webhook
    ADD CONSTRAINT notifications_webhook_name_key UNIQUE (name);



ALTER TABLE ONLY public.notifications_webhook
    ADD CONSTRAINT notifications_webhook_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.notifications_webhookattempt
    ADD CONSTRAINT notifications_webhookattempt_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.notifications_webhookdelivery
    ADD CONSTRAINT notifications_webhookdelivery_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_principalactivity
    ADD CONSTRAINT one_activity_a_principal UNIQUE (connection_id, account_id, arn);



ALTER TABLE ONLY public.inventory_effectivepolicyasking
    ADD CONSTRAINT one_asking_a_chain UNIQUE (connection_id, policy_type, chain);



ALTER TABLE ONLY public.notifications_chataddress
    ADD CONSTRAINT one_chat_address_a_name UNIQUE (user_id, name);



ALTER TABLE ONLY public.notifications_kindchoice
    ADD CONSTRAINT one_choice_a_kind UNIQUE (user_id, kind);



ALTER TABLE ONLY public.access_claimrule
    ADD CONSTRAINT one_claim_rule UNIQUE NULLS NOT DISTINCT (provider_id, value, role, connection_id, target_id);



ALTER TABLE ONLY public.inventory_groupcoverage
    ADD CONSTRAINT one_coverage_a_group UNIQUE (connection_id, account_id, "group");



ALTER TABLE ONLY public.inventory_accountcoverage
    ADD CONSTRAINT one_coverage_an_account UNIQUE (connection_id, account_id);



ALTER TABLE ONLY public.inventory_credentialreport
    ADD CONSTRAINT one_credential_report_an_account UNIQUE (connection_id, account_id);



ALTER TABLE ONLY public.notifications_webhookdelivery
    ADD CONSTRAINT one_delivery_an_event UNIQUE (webhook_id, event_id);



ALTER TABLE ONLY public.notifications_notification
    ADD CONSTRAINT one_notification_an_event UNIQUE (user_id, event_id);



ALTER TABLE ONLY public.inventory_principalname
    ADD CONSTRAINT one_principal_name UNIQUE (connection_id, name);



ALTER TABLE ONLY public.access_roleassignment
    ADD CONSTRAINT one_role_assignment UNIQUE NULLS NOT DISTINCT (user_id, group_id, role, connection_id, target_id, source);



ALTER TABLE ONLY public.inventory_suspecteddeletion
    ADD CONSTRAINT one_suspected_deletion UNIQUE (connection_id, missing_at, "table", account_id);



ALTER TABLE ONLY public.inventory_collectiontask
    ADD CONSTRAINT one_task_a_group UNIQUE (connection_id, account_id, "group");



ALTER TABLE ONLY public.owners_ownerrulevalue
    ADD CONSTRAINT owner_rule_value_once UNIQUE (rule_id, value);



ALTER TABLE ONLY public.owners_absence
    ADD CONSTRAINT owners_absence_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.owners_deputyterm
    ADD CONSTRAINT owners_deputyterm_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.owners_grantproposal
    ADD CONSTRAINT owners_grantproposal_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.owners_label
    ADD CONSTRAINT owners_label_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.owners_labelrule
    ADD CONSTRAINT owners_labelrule_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.owners_ownerrule
    ADD CONSTRAINT owners_ownerrule_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.owners_ownerrulevalue
    ADD CONSTRAINT owners_ownerrulevalue_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.owners_ownership
    ADD CONSTRAINT owners_ownership_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.owners_rolerecertification
    ADD CONSTRAINT owners_rolerecertification_assignment_id_key UNIQUE (assignment_id);



ALTER TABLE ONLY public.owners_rolerecertification
    ADD CONSTRAINT owners_rolerecertification_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.owners_tagconfirmation
    ADD CONSTRAINT owners_tagconfirmation_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.paths_pathjob
    ADD CONSTRAINT paths_pathjob_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.reports_subtreereport
    ADD CONSTRAINT reports_subtreereport_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.changes_rolloutring
    ADD CONSTRAINT rolloutring_once UNIQUE (rollout_id, number);



ALTER TABLE ONLY public.access_savedview
    ADD CONSTRAINT savedview_name_once UNIQUE NULLS NOT DISTINCT (connection_id, list_name, person_id, name);



ALTER TABLE ONLY public.approvals_settingversion
    ADD CONSTRAINT settingversion_once UNIQUE (connection_id, kind, version);



ALTER TABLE ONLY public.simulations_simulation
    ADD CONSTRAINT simulations_simulation_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.simulations_simulationjob
    ADD CONSTRAINT simulations_simulationjob_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_socialaccount_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_socialaccount_provider_uid_fc810c6e_uniq UNIQUE (provider, uid);



ALTER TABLE ONLY public.socialaccount_socialapp
    ADD CONSTRAINT socialaccount_socialapp_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_socialtoken_app_id_account_id_fca4e0ac_uniq UNIQUE (app_id, account_id);



ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_socialtoken_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.structure_baselineversion
    ADD CONSTRAINT structure_baselineversion_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.contracts_trustcontract
    ADD CONSTRAINT trust_contract_once UNIQUE (connection_id, number);



ALTER TABLE ONLY public.contracts_trustcontractversion
    ADD CONSTRAINT trust_contract_version_once UNIQUE (contract_id, version);



ALTER TABLE ONLY public.trust_externalparty
    ADD CONSTRAINT trust_externalparty_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.trust_trustreading
    ADD CONSTRAINT trust_reading_once UNIQUE (connection_id, account_id);



ALTER TABLE ONLY public.trust_trustedge
    ADD CONSTRAINT trust_trustedge_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.trust_trustfinding
    ADD CONSTRAINT trust_trustfinding_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.trust_trustreading
    ADD CONSTRAINT trust_trustreading_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.inventory_unmappedcall
    ADD CONSTRAINT unmapped_call_once UNIQUE (connection_id, day, event_source, event_name);



ALTER TABLE ONLY public.inventory_usagecontext
    ADD CONSTRAINT usage_context_once UNIQUE (connection_id, digest);



ALTER TABLE ONLY public.inventory_usedaccess
    ADD CONSTRAINT used_access_once UNIQUE (connection_id, digest);



ALTER TABLE ONLY public.usersessions_usersession
    ADD CONSTRAINT usersessions_usersession_pkey PRIMARY KEY (id);



ALTER TABLE ONLY public.usersessions_usersession
    ADD CONSTRAINT usersessions_usersession_session_key_key UNIQUE (session_key);



ALTER TABLE ONLY public.who_can_whocanjob
    ADD CONSTRAINT who_can_whocanjob_pkey PRIMARY KEY (id);



CREATE INDEX access_apitoken_sha256_3744ba5a_like ON public.access_apitoken USING btree (sha256 varchar_pattern_ops);



CREATE INDEX access_apitoken_user_id_9f3b952b ON public.access_apitoken USING btree (user_id);



CREATE INDEX access_claimrule_confirmed_by_id_9e2fad8a ON public.access_claimrule USING btree (confirmed_by_id);



CREATE INDEX access_claimrule_connection_id_5dfa88d1 ON public.access_claimrule USING btree (connection_id);



CREATE INDEX access_claimrule_created_by_id_15a165a5 ON public.access_claimrule USING btree (created_by_id);



CREATE INDEX access_roleassignment_confirmed_by_id_23533773 ON public.access_roleassignment USING btree (confirmed_by_id);



CREATE INDEX access_roleassignment_connection_id_de2ab11e ON public.access_roleassignment USING btree (connection_id);



CREATE INDEX access_roleassignment_granted_by_id_5626b554 ON public.access_roleassignment USING btree (granted_by_id);



CREATE INDEX access_roleassignment_group_id_7d184f01 ON public.access_roleassignment USING btree (group_id);



CREATE INDEX access_roleassignment_user_id_cfe8c2d4 ON public.access_roleassignment USING btree (user_id);



CREATE INDEX access_savedview_connection_id_795cb32d ON public.access_savedview USING btree (connection_id);



CREATE INDEX access_savedview_person_id_73684c76 ON public.access_savedview USING btree (person_id);



CREATE INDEX account_began ON public.inventory_account USING btree (connection_id, seen_from);



CREATE INDEX account_by_name ON public.inventory_account USING btree (connection_id, name, id) WHERE (seen_until IS NULL);



CREATE INDEX account_emailaddress_email_03be32b2 ON public.account_emailaddress USING btree (email);



CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);



CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);



CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);



CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);



CREATE INDEX account_ended ON public.inventory_account USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX account_history ON public.inventory_account USING btree (connection_id, account_id, seen_from);



CREATE INDEX account_in_parent ON public.inventory_account USING btree (connection_id, parent_id, name, account_id) WHERE (seen_until IS NULL);



CREATE UNIQUE INDEX account_one_open_version ON public.inventory_account USING btree (connection_id, account_id) WHERE (seen_until IS NULL);



CREATE INDEX account_path ON public.inventory_account USING btree (connection_id, path);



CREATE INDEX account_setting_began ON public.inventory_accountsetting USING btree (connection_id, seen_from);



CREATE INDEX account_setting_ended ON public.inventory_accountsetting USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX account_setting_history ON public.inventory_accountsetting USING btree (connection_id, account_id, name, seen_from);



CREATE UNIQUE INDEX account_setting_one_open_version ON public.inventory_accountsetting USING btree (connection_id, account_id, name) WHERE (seen_until IS NULL);



CREATE INDEX account_tags ON public.inventory_account USING gin (tags);



CREATE INDEX activity_arn ON public.inventory_principalactivity USING btree (connection_id, arn) INCLUDE (last_used_at);



CREATE INDEX activity_last_used ON public.inventory_principalactivity USING btree (connection_id, last_used_at);



CREATE INDEX approvals_review_audit_entry_id_5ac822d4 ON public.approvals_review USING btree (audit_entry_id);



CREATE INDEX approvals_review_carried_from_id_0008e794 ON public.approvals_review USING btree (carried_from_id);



CREATE INDEX approvals_review_connection_id_2a5c200d ON public.approvals_review USING btree (connection_id);



CREATE INDEX approvals_review_reviewer_id_f868cc8a ON public.approvals_review USING btree (reviewer_id);



CREATE INDEX approvals_settingversion_connection_id_506404c2 ON public.approvals_settingversion USING btree (connection_id);



CREATE INDEX approvals_settingversion_decided_by_id_f7a7957a ON public.approvals_settingversion USING btree (decided_by_id);



CREATE INDEX approvals_settingversion_proposed_by_id_3c5a665c ON public.approvals_settingversion USING btree (proposed_by_id);



CREATE INDEX audit_action ON public.audit_auditentry USING btree (action, id);



CREATE INDEX audit_actor ON public.audit_auditentry USING btree (actor_id, id);



CREATE INDEX audit_actor_name ON public.audit_auditentry USING btree (actor_name, id);



CREATE INDEX audit_checkpoint_size ON public.audit_auditcheckpoint USING btree (tree_size);



CREATE INDEX audit_checkpointdelivery_destination_8ed1ff9d_like ON public.audit_checkpointdelivery USING btree (destination varchar_pattern_ops);



CREATE INDEX audit_eventstream_destination_d57c131c_like ON public.audit_eventstream USING btree (destination varchar_pattern_ops);



CREATE INDEX audit_object ON public.audit_auditentry USING btree (object_kind, object_id, id);



CREATE INDEX audit_object_name ON public.audit_auditentry USING btree (object_name, id);



CREATE INDEX audit_outcome ON public.audit_auditentry USING btree (outcome, id);



CREATE INDEX audit_place ON public.audit_auditentry USING btree (connection_id, target_id, id);



CREATE INDEX audit_time ON public.audit_auditentry USING btree (recorded_at, id);



CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);



CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);



CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);



CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);



CREATE INDEX auth_user_groups_group_id_97559544 ON public.auth_user_groups USING btree (group_id);



CREATE INDEX auth_user_groups_user_id_6a12ed8b ON public.auth_user_groups USING btree (user_id);



CREATE INDEX auth_user_user_permissions_permission_id_1fbb5f2c ON public.auth_user_user_permissions USING btree (permission_id);



CREATE INDEX auth_user_user_permissions_user_id_a95ead1b ON public.auth_user_user_permissions USING btree (user_id);



CREATE INDEX auth_user_username_6821ab7c_like ON public.auth_user USING btree (username varchar_pattern_ops);



CREATE INDEX billing_transfer_began ON public.inventory_responsibilitytransfer USING btree (connection_id, seen_from);



CREATE INDEX billing_transfer_ended ON public.inventory_responsibilitytransfer USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX billing_transfer_history ON public.inventory_responsibilitytransfer USING btree (connection_id, account_id, transfer_id, seen_from);



CREATE UNIQUE INDEX billing_transfer_one_open_version ON public.inventory_responsibilitytransfer USING btree (connection_id, account_id, transfer_id) WHERE (seen_until IS NULL);



CREATE INDEX changerequest_latest ON public.changes_changerequest USING btree (connection_id, updated_at DESC);



CREATE INDEX changerequest_objects ON public.changes_changerequest USING gin (object_ids);



CREATE INDEX changerequest_state ON public.changes_changerequest USING btree (connection_id, state);



CREATE INDEX changerequest_waiting ON public.changes_changerequest USING gin (waiting_for);



CREATE INDEX changes_changecomment_answers_id_83120d89 ON public.changes_changecomment USING btree (answers_id);



CREATE INDEX changes_changecomment_author_id_fa67dcbd ON public.changes_changecomment USING btree (author_id);



CREATE INDEX changes_changecomment_change_request_id_40216df4 ON public.changes_changecomment USING btree (change_request_id);



CREATE INDEX changes_changecomment_resolved_by_id_684c6698 ON public.changes_changecomment USING btree (resolved_by_id);



CREATE INDEX changes_changecontribution_change_request_id_924832b9 ON public.changes_changecontribution USING btree (change_request_id);



CREATE INDEX changes_changecontribution_person_id_32e52f29 ON public.changes_changecontribution USING btree (person_id);



CREATE INDEX changes_changelock_change_request_id_c7a7a63c ON public.changes_changelock USING btree (change_request_id);



CREATE INDEX changes_changelock_connection_id_bc2dd51c ON public.changes_changelock USING btree (connection_id);



CREATE INDEX changes_changerequest_author_id_90e3d87c ON public.changes_changerequest USING btree (author_id);



CREATE INDEX changes_changerequest_connection_id_8ac74e79 ON public.changes_changerequest USING btree (connection_id);



CREATE INDEX changes_changerequest_emergency_by_id_e5e261a7 ON public.changes_changerequest USING btree (emergency_by_id);



CREATE INDEX changes_changerequest_evidence_id_d6413b62 ON public.changes_changerequest USING btree (evidence_id);



CREATE INDEX changes_changerequest_state_757b7133 ON public.changes_changerequest USING btree (state);



CREATE INDEX changes_changerequest_state_757b7133_like ON public.changes_changerequest USING btree (state varchar_pattern_ops);



CREATE INDEX changes_changerequest_undoes_id_ba4eb140 ON public.changes_changerequest USING btree (undoes_id);



CREATE INDEX changes_evidence_change_request_id_30001758 ON public.changes_evidence USING btree (change_request_id);



CREATE INDEX changes_evidence_sha256_b9f8d6dd_like ON public.changes_evidence USING btree (sha256 varchar_pattern_ops);



CREATE INDEX changes_journalentry_audit_entry_id_72e6961c ON public.changes_journalentry USING btree (audit_entry_id);



CREATE INDEX changes_journalentry_rollout_id_d233dd65 ON public.changes_journalentry USING btree (rollout_id);



CREATE INDEX changes_rollout_audit_entry_id_67fddaf1 ON public.changes_rollout USING btree (audit_entry_id);



CREATE INDEX changes_rollout_change_request_id_0fff7260 ON public.changes_rollout USING btree (change_request_id);



CREATE INDEX changes_rollout_halt_requested_by_id_b3789ddf ON public.changes_rollout USING btree (halt_requested_by_id);



CREATE INDEX changes_rollout_started_by_id_cabe3ed7 ON public.changes_rollout USING btree (started_by_id);



CREATE INDEX changes_rollout_undoes_id_2bc002cf ON public.changes_rollout USING btree (undoes_id);



CREATE INDEX changes_rolloutring_gate_by_id_477794dc ON public.changes_rolloutring USING btree (gate_by_id);



CREATE INDEX changes_rolloutring_rollout_id_8e76dfdf ON public.changes_rolloutring USING btree (rollout_id);



CREATE INDEX collected_span_of_account ON public.inventory_collectedspan USING btree (connection_id, account_id);



CREATE INDEX contract_match_edge ON public.contracts_contractmatch USING btree (connection_id, edge_key);



CREATE UNIQUE INDEX contract_match_one_open ON public.contracts_contractmatch USING btree (contract_id, edge_key) WHERE (matched_until IS NULL);



CREATE INDEX contracts_contractmatch_connection_id_5bc46fa7 ON public.contracts_contractmatch USING btree (connection_id);



CREATE INDEX contracts_contractmatch_contract_id_54b9e00c ON public.contracts_contractmatch USING btree (contract_id);



CREATE INDEX contracts_trustcontract_connection_id_c5d0a0d8 ON public.contracts_trustcontract USING btree (connection_id);



CREATE INDEX contracts_trustcontract_declared_by_id_eddeeba3 ON public.contracts_trustcontract USING btree (declared_by_id);



CREATE INDEX contracts_trustcontract_replaces_id_72c63717 ON public.contracts_trustcontract USING btree (replaces_id);



CREATE INDEX contracts_trustcontractversion_contract_id_92176c83 ON public.contracts_trustcontractversion USING btree (contract_id);



CREATE INDEX contracts_trustcontractversion_made_by_id_34aac2c2 ON public.contracts_trustcontractversion USING btree (made_by_id);



CREATE INDEX coverage_at ON public.inventory_coverage USING btree (connection_id, account_id, held_from);



CREATE INDEX coverage_ended ON public.inventory_coverage USING btree (held_until) WHERE (held_until IS NOT NULL);



CREATE INDEX coverage_problems ON public.inventory_coverage USING btree (connection_id, collector) WHERE (NOT ((state)::text = ANY ((ARRAY['complete'::character varying, 'unsupported'::character varying])::text[])));



CREATE INDEX daily_denial_account ON ONLY public.inventory_dailydenial USING btree (connection_id, account_id, day);



CREATE INDEX daily_denial_calls ON ONLY public.inventory_dailydenial USING btree (connection_id, digest, day) INCLUDE (count);



CREATE INDEX daily_denial_last ON ONLY public.inventory_dailydenial USING btree (connection_id, last_at, id);



CREATE INDEX daily_denial_policy ON ONLY public.inventory_dailydenial USING btree (connection_id, policy, day);



CREATE INDEX daily_denial_principal ON ONLY public.inventory_dailydenial USING btree (connection_id, principal);



CREATE INDEX delegated_admin_began ON public.inventory_delegatedadministrator USING btree (connection_id, seen_from);



CREATE INDEX delegated_admin_ended ON public.inventory_delegatedadministrator USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX delegated_admin_history ON public.inventory_delegatedadministrator USING btree (connection_id, account_id, service_principal, seen_from);



CREATE UNIQUE INDEX delegated_admin_one_open_version ON public.inventory_delegatedadministrator USING btree (connection_id, account_id, service_principal) WHERE (seen_until IS NULL);



CREATE INDEX deliveries_by_time ON public.notifications_webhookdelivery USING btree (created_at);



CREATE INDEX deliveries_of_webhook ON public.notifications_webhookdelivery USING btree (webhook_id, created_at DESC, id DESC);



CREATE INDEX deliveries_queued ON public.notifications_webhookdelivery USING btree (webhook_id, due_at) WHERE ((state)::text = 'queued'::text);



CREATE UNIQUE INDEX denied_calls_once ON public.inventory_deniedcalls USING btree (connection_id, account_id, day, service, policy_type, md5((policy)::text));



CREATE INDEX detection_account ON public.detections_detection USING btree (connection_id, account_id);



CREATE INDEX detection_closed_as ON public.detections_detection USING btree (connection_id, closed_as, last_at, id) WHERE (raised_at IS NOT NULL);



CREATE INDEX detection_count ON public.detections_detection USING btree (connection_id, count, last_at, id) WHERE (raised_at IS NOT NULL);



CREATE INDEX detection_newest ON public.detections_detection USING btree (connection_id, last_at DESC, id DESC) WHERE (raised_at IS NOT NULL);



CREATE INDEX detection_principal ON public.detections_detection USING btree (connection_id, principal);



CREATE INDEX detection_rule ON public.detections_detection USING btree (connection_id, rule_id);



CREATE INDEX detection_severity_rank ON public.detections_detection USING btree (connection_id, severity_rank, last_at, id) WHERE (raised_at IS NOT NULL);



CREATE INDEX detection_title ON public.detections_detection USING btree (connection_id, title, last_at, id) WHERE (raised_at IS NOT NULL);



CREATE INDEX detection_updated ON public.detections_detection USING btree (connection_id, updated_at);



CREATE INDEX detections_detection_closed_by_id_9a27d9d7 ON public.detections_detection USING btree (closed_by_id);



CREATE INDEX detections_detection_connection_id_78eef21f ON public.detections_detection USING btree (connection_id);



CREATE INDEX detections_detectionevidence_detection_id_0d517509 ON public.detections_detectionevidence USING btree (detection_id);



CREATE INDEX detections_detectionruleversion_connection_id_14b6460d ON public.detections_detectionruleversion USING btree (connection_id);



CREATE INDEX detections_detectionruleversion_made_by_id_3685e83a ON public.detections_detectionruleversion USING btree (made_by_id);



CREATE INDEX detections_unjudgedlogs_connection_id_7d059025 ON public.detections_unjudgedlogs USING btree (connection_id);



CREATE INDEX directory_began ON public.inventory_identitycenterprincipal USING btree (connection_id, seen_from);



CREATE INDEX directory_ended ON public.inventory_identitycenterprincipal USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX directory_history ON public.inventory_identitycenterprincipal USING btree (connection_id, account_id, kind, principal_id, seen_from);



CREATE INDEX directory_members ON public.inventory_identitycenterprincipal USING gin (members);



CREATE UNIQUE INDEX directory_one_open_version ON public.inventory_identitycenterprincipal USING btree (connection_id, account_id, kind, principal_id) WHERE (seen_until IS NULL);



CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);



CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);



CREATE INDEX drift_driftevent_actor_id_59a2a69f ON public.drift_driftevent USING btree (actor_id);



CREATE INDEX drift_driftevent_item_id_63b1fad2 ON public.drift_driftevent USING btree (item_id);



CREATE INDEX drift_driftitem_connection_id_f190583f ON public.drift_driftitem USING btree (connection_id);



CREATE INDEX drift_ignorerule_connection_id_3a25e8c9 ON public.drift_ignorerule USING btree (connection_id);



CREATE INDEX drift_ignorerule_made_by_id_f0d5245b ON public.drift_ignorerule USING btree (made_by_id);



CREATE INDEX drift_item_account ON public.drift_driftitem USING btree (connection_id, account_id);



CREATE INDEX drift_item_place ON public.drift_driftitem USING btree (connection_id, place_id);



CREATE INDEX drift_item_state ON public.drift_driftitem USING btree (connection_id, state, severity);



CREATE INDEX drift_item_subject ON public.drift_driftitem USING btree (connection_id, subject);



CREATE INDEX drift_item_target ON public.drift_driftitem USING btree (connection_id, target_id);



CREATE INDEX effective_policy_began ON public.inventory_effectivepolicy USING btree (connection_id, seen_from);



CREATE INDEX effective_policy_ended ON public.inventory_effectivepolicy USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX effective_policy_history ON public.inventory_effectivepolicy USING btree (connection_id, policy_type, chain, seen_from);



CREATE UNIQUE INDEX effective_policy_one_open_version ON public.inventory_effectivepolicy USING btree (connection_id, policy_type, chain) WHERE (seen_until IS NULL);



CREATE INDEX exceptions_exceptionuse_exception_id_c27bd5c8 ON public.exceptions_exceptionuse USING btree (exception_id);



CREATE INDEX exceptions_guardrailexception_asked_by_id_d606f344 ON public.exceptions_guardrailexception USING btree (asked_by_id);



CREATE INDEX exceptions_guardrailexception_connection_id_38a98d5a ON public.exceptions_guardrailexception USING btree (connection_id);



CREATE INDEX exceptions_guardrailexception_owner_id_752b2da1 ON public.exceptions_guardrailexception USING btree (owner_id);



CREATE UNIQUE INDEX grant_proposal_one_of_claim ON public.owners_grantproposal USING btree (claim_rule_id) WHERE ((state)::text = 'proposed'::text);



CREATE UNIQUE INDEX grant_proposal_one_of_label ON public.owners_grantproposal USING btree (label_id) WHERE ((state)::text = 'proposed'::text);



CREATE UNIQUE INDEX grant_proposal_one_of_membership ON public.owners_grantproposal USING btree (joined_group_id, user_id) WHERE ((state)::text = 'proposed'::text);



CREATE UNIQUE INDEX grant_proposal_one_of_ownership ON public.owners_grantproposal USING btree (ownership_id) WHERE ((state)::text = 'proposed'::text);



CREATE UNIQUE INDEX grant_proposal_one_of_recovery ON public.owners_grantproposal USING btree (user_id, proposed_by_id) WHERE (((kind)::text = 'recovery'::text) AND ((state)::text = 'proposed'::text));



CREATE UNIQUE INDEX grant_proposal_one_of_role ON public.owners_grantproposal USING btree (role_assignment_id) WHERE ((state)::text = 'proposed'::text);



CREATE INDEX grant_proposal_waiting ON public.owners_grantproposal USING btree (proposed_at DESC) WHERE ((state)::text = 'proposed'::text);



CREATE INDEX group_span_at ON public.inventory_groupcoveragespan USING btree (connection_id, account_id, held_from);



CREATE INDEX guardrail_exception_state ON public.exceptions_guardrailexception USING btree (connection_id, guardrail_id, state);



CREATE INDEX guardrail_exception_targets ON public.exceptions_guardrailexception USING gin (target_ids);



CREATE INDEX guardrail_exception_until ON public.exceptions_guardrailexception USING btree (connection_id, until);



CREATE INDEX guardrail_result_account ON public.guardrails_guardrailresult USING btree (connection_id, account_id) WHERE (seen_until IS NULL);



CREATE INDEX guardrail_result_began ON public.guardrails_guardrailresult USING btree (connection_id, seen_from);



CREATE INDEX guardrail_result_ended ON public.guardrails_guardrailresult USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX guardrail_result_history ON public.guardrails_guardrailresult USING btree (connection_id, guardrail_id, account_id, seen_from);



CREATE UNIQUE INDEX guardrail_result_one_open_version ON public.guardrails_guardrailresult USING btree (connection_id, guardrail_id, account_id) WHERE (seen_until IS NULL);



CREATE INDEX guardrail_result_outcome ON public.guardrails_guardrailresult USING btree (connection_id, guardrail_id, outcome, account_id) WHERE (seen_until IS NULL);



CREATE INDEX guardrail_tally_began ON public.guardrails_guardrailtally USING btree (connection_id, held_from);



CREATE INDEX guardrail_tally_ended ON public.guardrails_guardrailtally USING btree (connection_id, held_until);



CREATE UNIQUE INDEX guardrail_tally_one_open ON public.guardrails_guardrailtally USING btree (connection_id, guardrail_id, parent_id) WHERE (held_until IS NULL);



CREATE INDEX guardrails_boundaccount_connection_id_18fce2e4 ON public.guardrails_boundaccount USING btree (connection_id);



CREATE INDEX guardrails_guardraildefinition_connection_id_6bdacd21 ON public.guardrails_guardraildefinition USING btree (connection_id);



CREATE INDEX guardrails_guardraildefinition_made_by_id_16c13c36 ON public.guardrails_guardraildefinition USING btree (made_by_id);



CREATE INDEX guardrails_guardrailproof_digest_b25a1aca_like ON public.guardrails_guardrailproof USING btree (digest varchar_pattern_ops);



CREATE INDEX guardrails_guardrailreading_connection_id_f112222a ON public.guardrails_guardrailreading USING btree (connection_id);



CREATE INDEX guardrails_guardrailresult_connection_id_c843bf85 ON public.guardrails_guardrailresult USING btree (connection_id);



CREATE INDEX guardrails_guardrailresult_proof_id_7049995a ON public.guardrails_guardrailresult USING btree (proof_id);



CREATE INDEX guardrails_guardrailtally_connection_id_6b463d0b ON public.guardrails_guardrailtally USING btree (connection_id);



CREATE INDEX guardrails_mutationjob_connection_id_5362e8cb ON public.guardrails_mutationjob USING btree (connection_id);



CREATE INDEX guardrails_mutationjob_requested_by_id_75c2a6ef ON public.guardrails_mutationjob USING btree (requested_by_id);



CREATE INDEX iam_policy_began ON public.inventory_iampolicy USING btree (connection_id, seen_from);



CREATE INDEX iam_policy_ended ON public.inventory_iampolicy USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX iam_policy_history ON public.inventory_iampolicy USING btree (connection_id, account_id, arn, seen_from);



CREATE UNIQUE INDEX iam_policy_one_open_version ON public.inventory_iampolicy USING btree (connection_id, account_id, arn) WHERE (seen_until IS NULL);



CREATE INDEX identity_provider_began ON public.inventory_identityprovider USING btree (connection_id, seen_from);



CREATE INDEX identity_provider_ended ON public.inventory_identityprovider USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX identity_provider_history ON public.inventory_identityprovider USING btree (connection_id, account_id, arn, seen_from);



CREATE UNIQUE INDEX identity_provider_one_open_version ON public.inventory_identityprovider USING btree (connection_id, account_id, arn) WHERE (seen_until IS NULL);



CREATE INDEX inbox_event_at ON public.inbox_inboxevent USING btree (at DESC, id DESC);



CREATE INDEX inbox_inboxevent_actor_id_7b155699 ON public.inbox_inboxevent USING btree (actor_id);



CREATE INDEX inbox_inboxevent_item_id_099982ce ON public.inbox_inboxevent USING btree (item_id);



CREATE INDEX inbox_inboxitem_assignee_id_2518677a ON public.inbox_inboxitem USING btree (assignee_id);



CREATE INDEX inbox_inboxitem_connection_id_b6c83961 ON public.inbox_inboxitem USING btree (connection_id);



CREATE INDEX inbox_inboxreading_connection_id_15df60a2 ON public.inbox_inboxreading USING btree (connection_id);



CREATE INDEX inbox_item_account ON public.inbox_inboxitem USING btree (connection_id, account_id);



CREATE INDEX inbox_item_accounts ON public.inbox_inboxitem USING gin (account_ids);



CREATE INDEX inbox_item_counts ON public.inbox_inboxitem USING btree (connection_id, source, state);



CREATE INDEX inbox_item_due ON public.inbox_inboxitem USING btree (connection_id, due_at);



CREATE INDEX inbox_item_oldest ON public.inbox_inboxitem USING btree (connection_id, first_seen_at, id) WHERE (NOT ((state)::text = 'resolved'::text));



CREATE INDEX inbox_item_open ON public.inbox_inboxitem USING btree (connection_id, source, severity) INCLUDE (id, state, due_at, verified) WHERE (NOT ((state)::text = 'resolved'::text));



CREATE INDEX inbox_item_place ON public.inbox_inboxitem USING btree (connection_id, place_id);



CREATE INDEX inbox_item_reached ON public.inbox_inboxitem USING gin (reached_ids);



CREATE INDEX inbox_item_state ON public.inbox_inboxitem USING btree (connection_id, state, first_seen_at, id) WHERE (NOT ((state)::text = 'resolved'::text));



CREATE INDEX inbox_item_target ON public.inbox_inboxitem USING btree (connection_id, target_id);



CREATE INDEX inbox_item_worst ON public.inbox_inboxitem USING btree (connection_id, severity_rank, first_seen_at, id) WHERE (NOT ((state)::text = 'resolved'::text));



CREATE INDEX inventory_account_connection_id_3ce51bfb ON public.inventory_account USING btree (connection_id);



CREATE INDEX inventory_accountcoverage_connection_id_7b56590c ON public.inventory_accountcoverage USING btree (connection_id);



CREATE INDEX inventory_accountsetting_connection_id_a9e1bd54 ON public.inventory_accountsetting USING btree (connection_id);



CREATE INDEX inventory_collectedspan_connection_id_76e69247 ON public.inventory_collectedspan USING btree (connection_id);



CREATE INDEX inventory_collectiontask_connection_id_781a9706 ON public.inventory_collectiontask USING btree (connection_id);



CREATE INDEX inventory_connection_name_15859aca_like ON public.inventory_connection USING btree (name varchar_pattern_ops);



CREATE INDEX inventory_connection_slug_8e398ac0_like ON public.inventory_connection USING btree (slug varchar_pattern_ops);



CREATE INDEX inventory_coverage_summary_id_4a3c89f4 ON public.inventory_coverage USING btree (summary_id);



CREATE INDEX inventory_credentialreport_connection_id_412be3d2 ON public.inventory_credentialreport USING btree (connection_id);



CREATE INDEX inventory_dailydenial_default_connection_id_account_id_day_idx ON public.inventory_dailydenial_default USING btree (connection_id, account_id, day);



CREATE INDEX inventory_dailydenial_default_connection_id_digest_day_coun_idx ON public.inventory_dailydenial_default USING btree (connection_id, digest, day) INCLUDE (count);



CREATE INDEX inventory_dailydenial_default_connection_id_last_at_id_idx ON public.inventory_dailydenial_default USING btree (connection_id, last_at, id);



CREATE INDEX inventory_dailydenial_default_connection_id_policy_day_idx ON public.inventory_dailydenial_default USING btree (connection_id, policy, day);



CREATE INDEX inventory_dailydenial_default_connection_id_principal_idx ON public.inventory_dailydenial_default USING btree (connection_id, principal);



CREATE INDEX inventory_delegatedadministrator_connection_id_2830600f ON public.inventory_delegatedadministrator USING btree (connection_id);



CREATE INDEX inventory_deniedcalls_connection_id_48545eef ON public.inventory_deniedcalls USING btree (connection_id);



CREATE INDEX inventory_effectivepolicy_connection_id_9f41d806 ON public.inventory_effectivepolicy USING btree (connection_id);



CREATE INDEX inventory_effectivepolicy_content_id_264e842f ON public.inventory_effectivepolicy USING btree (content_id);



CREATE INDEX inventory_effectivepolicy_content_id_264e842f_like ON public.inventory_effectivepolicy USING btree (content_id varchar_pattern_ops);



CREATE INDEX inventory_effectivepolicyasking_connection_id_8278c103 ON public.inventory_effectivepolicyasking USING btree (connection_id);



CREATE INDEX inventory_groupcoverage_connection_id_0f89ebb3 ON public.inventory_groupcoverage USING btree (connection_id);



CREATE INDEX inventory_groupcoveragespan_summary_id_5f333d0b ON public.inventory_groupcoveragespan USING btree (summary_id);



CREATE INDEX inventory_hourlycalls_connection_id_713adce9 ON public.inventory_hourlycalls USING btree (connection_id);



CREATE INDEX inventory_iampolicy_connection_id_47bc5f8b ON public.inventory_iampolicy USING btree (connection_id);



CREATE INDEX inventory_iampolicy_content_id_657dd6c4 ON public.inventory_iampolicy USING btree (content_id);



CREATE INDEX inventory_iampolicy_content_id_657dd6c4_like ON public.inventory_iampolicy USING btree (content_id varchar_pattern_ops);



CREATE INDEX inventory_identitycenterprincipal_connection_id_d74ff5dc ON public.inventory_identitycenterprincipal USING btree (connection_id);



CREATE INDEX inventory_identityprovider_connection_id_e10158fe ON public.inventory_identityprovider USING btree (connection_id);



CREATE INDEX inventory_identityprovider_metadata_id_51a1be4c ON public.inventory_identityprovider USING btree (metadata_id);



CREATE INDEX inventory_identityprovider_metadata_id_51a1be4c_like ON public.inventory_identityprovider USING btree (metadata_id varchar_pattern_ops);



CREATE INDEX inventory_inventoryrun_connection_id_17a6d3a8 ON public.inventory_inventoryrun USING btree (connection_id);



CREATE INDEX inventory_inventoryrun_requested_by_id_593e2c91 ON public.inventory_inventoryrun USING btree (requested_by_id);



CREATE INDEX inventory_kepteventname_connection_id_edbb206c ON public.inventory_kepteventname USING btree (connection_id);



CREATE INDEX inventory_logday_source_id_7cbd6e61 ON public.inventory_logday USING btree (source_id);



CREATE INDEX logged_event_account ON ONLY public.inventory_loggedevent USING btree (connection_id, account_id, at);



CREATE INDEX inventory_loggedevent_default_connection_id_account_id_at_idx ON public.inventory_loggedevent_default USING btree (connection_id, account_id, at);



CREATE INDEX logged_event_name ON ONLY public.inventory_loggedevent USING btree (connection_id, event_name, at);



CREATE INDEX inventory_loggedevent_default_connection_id_event_name_at_idx ON public.inventory_loggedevent_default USING btree (connection_id, event_name, at);



CREATE INDEX inventory_logobject_source_id_e0246080 ON public.inventory_logobject USING btree (source_id);



CREATE INDEX inventory_logquery_source_id_4674bed9 ON public.inventory_logquery USING btree (source_id);



CREATE INDEX inventory_logsource_connection_id_2ad5ecb1 ON public.inventory_logsource USING btree (connection_id);



CREATE INDEX inventory_organization_connection_id_2826e67d ON public.inventory_organization USING btree (connection_id);



CREATE INDEX inventory_organizationalunit_connection_id_de5e4fd5 ON public.inventory_organizationalunit USING btree (connection_id);



CREATE INDEX inventory_organizationresourcepolicy_connection_id_afb43a92 ON public.inventory_organizationresourcepolicy USING btree (connection_id);



CREATE INDEX inventory_organizationresourcepolicy_content_id_e1a4a75d ON public.inventory_organizationresourcepolicy USING btree (content_id);



CREATE INDEX inventory_organizationresourcepolicy_content_id_e1a4a75d_like ON public.inventory_organizationresourcepolicy USING btree (content_id varchar_pattern_ops);



CREATE INDEX inventory_organizationsetting_connection_id_211fa325 ON public.inventory_organizationsetting USING btree (connection_id);



CREATE INDEX inventory_permissionset_connection_id_07d103d7 ON public.inventory_permissionset USING btree (connection_id);



CREATE INDEX inventory_permissionset_inline_policy_id_97f8af53 ON public.inventory_permissionset USING btree (inline_policy_id);



CREATE INDEX inventory_permissionset_inline_policy_id_97f8af53_like ON public.inventory_permissionset USING btree (inline_policy_id varchar_pattern_ops);



CREATE INDEX inventory_permissionsetassignment_connection_id_2556a981 ON public.inventory_permissionsetassignment USING btree (connection_id);



CREATE INDEX inventory_policy_connection_id_93b3e1a0 ON public.inventory_policy USING btree (connection_id);



CREATE INDEX inventory_policy_content_id_7531211d ON public.inventory_policy USING btree (content_id);



CREATE INDEX inventory_policy_content_id_7531211d_like ON public.inventory_policy USING btree (content_id varchar_pattern_ops);



CREATE INDEX inventory_policyattachment_connection_id_0c9de1e7 ON public.inventory_policyattachment USING btree (connection_id);



CREATE INDEX inventory_policycontent_sha256_8411710d_like ON public.inventory_policycontent USING btree (sha256 varchar_pattern_ops);



CREATE INDEX inventory_principal_connection_id_5cff1217 ON public.inventory_principal USING btree (connection_id);



CREATE INDEX inventory_principal_trust_policy_id_e70f1972 ON public.inventory_principal USING btree (trust_policy_id);



CREATE INDEX inventory_principal_trust_policy_id_e70f1972_like ON public.inventory_principal USING btree (trust_policy_id varchar_pattern_ops);



CREATE INDEX inventory_principalactivity_connection_id_1fe70b7b ON public.inventory_principalactivity USING btree (connection_id);



CREATE INDEX inventory_principalname_connection_id_fbf950cc ON public.inventory_principalname USING btree (connection_id);



CREATE INDEX read_events_of_hour ON ONLY public.inventory_readevents USING btree (connection_id, account_id, hour);



CREATE INDEX inventory_readevents_default_connection_id_account_id_hour_idx ON public.inventory_readevents_default USING btree (connection_id, account_id, hour);



CREATE INDEX inventory_resourcepolicy_connection_id_9e20cd0c ON public.inventory_resourcepolicy USING btree (connection_id);



CREATE INDEX inventory_resourcepolicy_content_id_a5d9d94f ON public.inventory_resourcepolicy USING btree (content_id);



CREATE INDEX inventory_resourcepolicy_content_id_a5d9d94f_like ON public.inventory_resourcepolicy USING btree (content_id varchar_pattern_ops);



CREATE INDEX inventory_responsibilitytransfer_connection_id_ad5473d7 ON public.inventory_responsibilitytransfer USING btree (connection_id);



CREATE INDEX inventory_root_connection_id_57a6e24b ON public.inventory_root USING btree (connection_id);



CREATE INDEX inventory_serviceconfiguration_connection_id_ccf7cb27 ON public.inventory_serviceconfiguration USING btree (connection_id);



CREATE INDEX inventory_suspecteddeletion_connection_id_1fa7f8b7 ON public.inventory_suspecteddeletion USING btree (connection_id);



CREATE INDEX inventory_suspecteddeletion_decided_by_id_9dafd6d7 ON public.inventory_suspecteddeletion USING btree (decided_by_id);



CREATE INDEX inventory_trustedservice_connection_id_f7a8452c ON public.inventory_trustedservice USING btree (connection_id);



CREATE INDEX inventory_unmappedcall_connection_id_1cbc8ac1 ON public.inventory_unmappedcall USING btree (connection_id);



CREATE INDEX inventory_usagecontext_connection_id_89c8b6cb ON public.inventory_usagecontext USING btree (connection_id);



CREATE INDEX inventory_usedaccess_connection_id_a10af764 ON public.inventory_usedaccess USING btree (connection_id);



CREATE INDEX inventory_usedaccess_context_id_d29b8824 ON public.inventory_usedaccess USING btree (context_id);



CREATE INDEX inventory_usercredential_connection_id_0985fbf7 ON public.inventory_usercredential USING btree (connection_id);



CREATE INDEX journalentry_step ON public.changes_journalentry USING btree (rollout_id, step);



CREATE UNIQUE INDEX label_one_that_holds ON public.owners_label USING btree (connection_id, target_id, kind) WHERE (((ended_at IS NULL) AND (NOT needs_second_person)) OR ((confirmed_at IS NOT NULL) AND (ended_at IS NULL)));



CREATE UNIQUE INDEX label_one_that_waits ON public.owners_label USING btree (connection_id, target_id, kind) WHERE ((confirmed_at IS NULL) AND (ended_at IS NULL) AND needs_second_person);



CREATE INDEX label_open ON public.owners_label USING btree (connection_id) WHERE (ended_at IS NULL);



CREATE UNIQUE INDEX label_rule_one_open_key ON public.owners_labelrule USING btree (connection_id, kind, tag_key) WHERE (ended_at IS NULL);



CREATE INDEX landing_zone_coreaccount_confirmed_by_id_92434786 ON public.landing_zone_coreaccount USING btree (confirmed_by_id);



CREATE INDEX landing_zone_coreaccount_connection_id_8bd9a6a4 ON public.landing_zone_coreaccount USING btree (connection_id);



CREATE INDEX log_day_by_day ON public.inventory_logday USING btree (source_id, day);



CREATE INDEX log_object_day ON public.inventory_logobject USING btree (source_id, day);



CREATE INDEX log_object_open ON public.inventory_logobject USING btree (source_id, day, account_id) WHERE ((state)::text = ANY ((ARRAY['waiting'::character varying, 'denied'::character varying])::text[]));



CREATE INDEX log_object_refused ON public.inventory_logobject USING btree (source_id, state, day) WHERE (NOT ((state)::text = ANY ((ARRAY['waiting'::character varying, 'read'::character varying])::text[])));



CREATE INDEX log_query_day ON public.inventory_logquery USING btree (source_id, day);



CREATE UNIQUE INDEX log_query_one_at_a_time ON public.inventory_logquery USING btree (source_id) WHERE ((state)::text = 'asked'::text);



CREATE INDEX messages_by_time ON public.notifications_message USING btree (created_at);



CREATE INDEX messages_open ON public.notifications_message USING btree (due_at) WHERE ((state)::text = ANY ((ARRAY['waiting'::character varying, 'frozen'::character varying])::text[]));



CREATE INDEX mfa_authenticator_user_id_0c3a50c0 ON public.mfa_authenticator USING btree (user_id);



CREATE INDEX mutationjob_end ON public.guardrails_mutationjob USING btree (expires_at);



CREATE INDEX notifications_by_time ON public.notifications_notification USING btree (occurred_at);



CREATE INDEX notifications_chataddress_user_id_99b68c7d ON public.notifications_chataddress USING btree (user_id);



CREATE INDEX notifications_kindchoice_user_id_31f8c7ce ON public.notifications_kindchoice USING btree (user_id);



CREATE INDEX notifications_message_chat_id_b72f0912 ON public.notifications_message USING btree (chat_id);



CREATE INDEX notifications_message_notifications_message_id_09923ce3 ON public.notifications_message_notifications USING btree (message_id);



CREATE INDEX notifications_message_notifications_notification_id_c83c45d5 ON public.notifications_message_notifications USING btree (notification_id);



CREATE INDEX notifications_message_user_id_89f939e6 ON public.notifications_message USING btree (user_id);



CREATE INDEX notifications_notification_connection_id_abeced74 ON public.notifications_notification USING btree (connection_id);



CREATE INDEX notifications_notification_event_id_28551f97 ON public.notifications_notification USING btree (event_id);



CREATE INDEX notifications_notification_user_id_b5e8c0ff ON public.notifications_notification USING btree (user_id);



CREATE INDEX notifications_of_user ON public.notifications_notification USING btree (user_id, occurred_at DESC, id DESC);



CREATE INDEX notifications_outboxevent_connection_id_084b1556 ON public.notifications_outboxevent USING btree (connection_id);



CREATE INDEX notifications_unread ON public.notifications_notification USING btree (user_id) WHERE (in_inbox AND (read_at IS NULL));



CREATE INDEX notifications_webhook_connection_id_dccddb5e ON public.notifications_webhook USING btree (connection_id);



CREATE INDEX notifications_webhook_created_by_id_f5dfcf66 ON public.notifications_webhook USING btree (created_by_id);



CREATE INDEX notifications_webhook_name_942128e7_like ON public.notifications_webhook USING btree (name varchar_pattern_ops);



CREATE INDEX notifications_webhookattempt_delivery_id_b11cf071 ON public.notifications_webhookattempt USING btree (delivery_id);



CREATE INDEX notifications_webhookdelivery_event_id_02c237a9 ON public.notifications_webhookdelivery USING btree (event_id);



CREATE INDEX notifications_webhookdelivery_webhook_id_534ec5b7 ON public.notifications_webhookdelivery USING btree (webhook_id);



CREATE UNIQUE INDEX one_active_run_an_organization ON public.inventory_inventoryrun USING btree (connection_id) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying])::text[]));



CREATE UNIQUE INDEX one_open_coverage ON public.inventory_coverage USING btree (connection_id, account_id, region, collector) WHERE (held_until IS NULL);



CREATE UNIQUE INDEX one_open_group_span ON public.inventory_groupcoveragespan USING btree (summary_id) WHERE (held_until IS NULL);



CREATE UNIQUE INDEX one_open_span_a_region ON public.inventory_collectedspan USING btree (connection_id, collector, account_id, region) WHERE (known_until IS NULL);



CREATE UNIQUE INDEX one_outbox_event_once ON public.notifications_outboxevent USING btree (kind, once) WHERE (NOT ((once)::text = ''::text));



CREATE UNIQUE INDEX one_waiting_message_a_way ON public.notifications_message USING btree (user_id, way, chat_id) NULLS NOT DISTINCT WHERE (((state)::text = 'waiting'::text) AND (NOT urgent));



CREATE INDEX org_resource_policy_began ON public.inventory_organizationresourcepolicy USING btree (connection_id, seen_from);



CREATE INDEX org_resource_policy_ended ON public.inventory_organizationresourcepolicy USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX org_resource_policy_history ON public.inventory_organizationresourcepolicy USING btree (connection_id, policy_id, seen_from);



CREATE UNIQUE INDEX org_resource_policy_one_open_version ON public.inventory_organizationresourcepolicy USING btree (connection_id, policy_id) WHERE (seen_until IS NULL);



CREATE INDEX organization_began ON public.inventory_organization USING btree (connection_id, seen_from);



CREATE INDEX organization_ended ON public.inventory_organization USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX organization_history ON public.inventory_organization USING btree (connection_id, organization_id, seen_from);



CREATE UNIQUE INDEX organization_one_open_version ON public.inventory_organization USING btree (connection_id, organization_id) WHERE (seen_until IS NULL);



CREATE INDEX organization_setting_began ON public.inventory_organizationsetting USING btree (connection_id, seen_from);



CREATE INDEX organization_setting_ended ON public.inventory_organizationsetting USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX organization_setting_history ON public.inventory_organizationsetting USING btree (connection_id, account_id, name, seen_from);



CREATE UNIQUE INDEX organization_setting_one_open_version ON public.inventory_organizationsetting USING btree (connection_id, account_id, name) WHERE (seen_until IS NULL);



CREATE INDEX organizational_unit_began ON public.inventory_organizationalunit USING btree (connection_id, seen_from);



CREATE INDEX organizational_unit_ended ON public.inventory_organizationalunit USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX organizational_unit_history ON public.inventory_organizationalunit USING btree (connection_id, target_id, seen_from);



CREATE UNIQUE INDEX organizational_unit_one_open_version ON public.inventory_organizationalunit USING btree (connection_id, target_id) WHERE (seen_until IS NULL);



CREATE INDEX organizational_unit_path ON public.inventory_organizationalunit USING btree (connection_id, path);



CREATE INDEX outbox_events_by_time ON public.notifications_outboxevent USING btree (occurred_at);



CREATE INDEX outbox_events_queued ON public.notifications_outboxevent USING btree (due_at) WHERE ((state)::text = 'queued'::text);



CREATE UNIQUE INDEX owner_rule_one_open_key ON public.owners_ownerrule USING btree (connection_id, tag_key) WHERE (ended_at IS NULL);



CREATE INDEX owners_absence_created_by_id_f418f8db ON public.owners_absence USING btree (created_by_id);



CREATE INDEX owners_absence_user_id_3cd1af74 ON public.owners_absence USING btree (user_id);



CREATE INDEX owners_deputyterm_created_by_id_df1b9edd ON public.owners_deputyterm USING btree (created_by_id);



CREATE INDEX owners_deputyterm_deputy_id_9fafd439 ON public.owners_deputyterm USING btree (deputy_id);



CREATE INDEX owners_deputyterm_user_id_9bc5ae03 ON public.owners_deputyterm USING btree (user_id);



CREATE INDEX owners_grantproposal_claim_rule_id_365e08ce ON public.owners_grantproposal USING btree (claim_rule_id);



CREATE INDEX owners_grantproposal_connection_id_4f377707 ON public.owners_grantproposal USING btree (connection_id);



CREATE INDEX owners_grantproposal_decided_by_id_f043d55c ON public.owners_grantproposal USING btree (decided_by_id);



CREATE INDEX owners_grantproposal_group_id_79444a39 ON public.owners_grantproposal USING btree (group_id);



CREATE INDEX owners_grantproposal_joined_group_id_ad40b51c ON public.owners_grantproposal USING btree (joined_group_id);



CREATE INDEX owners_grantproposal_label_id_52900507 ON public.owners_grantproposal USING btree (label_id);



CREATE INDEX owners_grantproposal_ownership_id_299795a1 ON public.owners_grantproposal USING btree (ownership_id);



CREATE INDEX owners_grantproposal_proposed_by_id_570530ac ON public.owners_grantproposal USING btree (proposed_by_id);



CREATE INDEX owners_grantproposal_role_assignment_id_24c2e5d8 ON public.owners_grantproposal USING btree (role_assignment_id);



CREATE INDEX owners_grantproposal_user_id_bdc1f2c4 ON public.owners_grantproposal USING btree (user_id);



CREATE INDEX owners_label_confirmed_by_id_c9451cfc ON public.owners_label USING btree (confirmed_by_id);



CREATE INDEX owners_label_connection_id_c4cba0af ON public.owners_label USING btree (connection_id);



CREATE INDEX owners_label_created_by_id_c148ae81 ON public.owners_label USING btree (created_by_id);



CREATE INDEX owners_label_ended_by_id_2a6ff43c ON public.owners_label USING btree (ended_by_id);



CREATE INDEX owners_label_recertified_by_id_c22a1dba ON public.owners_label USING btree (recertified_by_id);



CREATE INDEX owners_labelrule_connection_id_9baeecec ON public.owners_labelrule USING btree (connection_id);



CREATE INDEX owners_labelrule_created_by_id_7862b3d1 ON public.owners_labelrule USING btree (created_by_id);



CREATE INDEX owners_labelrule_ended_by_id_b25e33df ON public.owners_labelrule USING btree (ended_by_id);



CREATE INDEX owners_ownerrule_connection_id_2c19f43a ON public.owners_ownerrule USING btree (connection_id);



CREATE INDEX owners_ownerrule_created_by_id_497a05fb ON public.owners_ownerrule USING btree (created_by_id);



CREATE INDEX owners_ownerrule_ended_by_id_7332a2c4 ON public.owners_ownerrule USING btree (ended_by_id);



CREATE INDEX owners_ownerrulevalue_group_id_5db51c4d ON public.owners_ownerrulevalue USING btree (group_id);



CREATE INDEX owners_ownerrulevalue_rule_id_72497140 ON public.owners_ownerrulevalue USING btree (rule_id);



CREATE INDEX owners_ownerrulevalue_user_id_354b8943 ON public.owners_ownerrulevalue USING btree (user_id);



CREATE INDEX owners_ownership_confirmed_by_id_79db99a4 ON public.owners_ownership USING btree (confirmed_by_id);



CREATE INDEX owners_ownership_connection_id_62e38e47 ON public.owners_ownership USING btree (connection_id);



CREATE INDEX owners_ownership_created_by_id_e7466481 ON public.owners_ownership USING btree (created_by_id);



CREATE INDEX owners_ownership_ended_by_id_7b2c3d4b ON public.owners_ownership USING btree (ended_by_id);



CREATE INDEX owners_ownership_group_id_c616f528 ON public.owners_ownership USING btree (group_id);



CREATE INDEX owners_ownership_recertified_by_id_a452f0c7 ON public.owners_ownership USING btree (recertified_by_id);



CREATE INDEX owners_ownership_user_id_7f467f4a ON public.owners_ownership USING btree (user_id);



CREATE INDEX owners_rolerecertification_recertified_by_id_ed9a4a66 ON public.owners_rolerecertification USING btree (recertified_by_id);



CREATE INDEX owners_tagconfirmation_confirmed_by_id_2ae98149 ON public.owners_tagconfirmation USING btree (confirmed_by_id);



CREATE INDEX owners_tagconfirmation_connection_id_fb01fb1b ON public.owners_tagconfirmation USING btree (connection_id);



CREATE INDEX owners_tagconfirmation_created_by_id_273b8818 ON public.owners_tagconfirmation USING btree (created_by_id);



CREATE INDEX owners_tagconfirmation_ended_by_id_c86937c7 ON public.owners_tagconfirmation USING btree (ended_by_id);



CREATE INDEX owners_tagconfirmation_group_id_80694edf ON public.owners_tagconfirmation USING btree (group_id);



CREATE INDEX owners_tagconfirmation_recertified_by_id_af1811bc ON public.owners_tagconfirmation USING btree (recertified_by_id);



CREATE INDEX owners_tagconfirmation_user_id_73d2839b ON public.owners_tagconfirmation USING btree (user_id);



CREATE UNIQUE INDEX ownership_one_open_group ON public.owners_ownership USING btree (connection_id, target_id, group_id) WHERE ((ended_at IS NULL) AND (group_id IS NOT NULL));



CREATE UNIQUE INDEX ownership_one_open_person ON public.owners_ownership USING btree (connection_id, target_id, user_id) WHERE ((ended_at IS NULL) AND (user_id IS NOT NULL));



CREATE INDEX ownership_open ON public.owners_ownership USING btree (connection_id) WHERE (ended_at IS NULL);



CREATE INDEX ownership_target ON public.owners_ownership USING btree (connection_id, target_id);



CREATE INDEX pathjob_end ON public.paths_pathjob USING btree (expires_at);



CREATE INDEX paths_pathjob_connection_id_56b7bccd ON public.paths_pathjob USING btree (connection_id);



CREATE INDEX paths_pathjob_requested_by_id_1d6ebfca ON public.paths_pathjob USING btree (requested_by_id);



CREATE INDEX permission_set_began ON public.inventory_permissionset USING btree (connection_id, seen_from);



CREATE INDEX permission_set_ended ON public.inventory_permissionset USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX permission_set_history ON public.inventory_permissionset USING btree (connection_id, account_id, arn, seen_from);



CREATE UNIQUE INDEX permission_set_one_open_version ON public.inventory_permissionset USING btree (connection_id, account_id, arn) WHERE (seen_until IS NULL);



CREATE INDEX permission_use_began ON public.inventory_permissionsetassignment USING btree (connection_id, seen_from);



CREATE INDEX permission_use_ended ON public.inventory_permissionsetassignment USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX permission_use_history ON public.inventory_permissionsetassignment USING btree (connection_id, account_id, permission_set_arn, principal_kind, principal_id, seen_from);



CREATE UNIQUE INDEX permission_use_one_open_version ON public.inventory_permissionsetassignment USING btree (connection_id, account_id, permission_set_arn, principal_kind, principal_id) WHERE (seen_until IS NULL);



CREATE INDEX permission_use_whom ON public.inventory_permissionsetassignment USING btree (connection_id, principal_id);



CREATE INDEX policy_attachment_began ON public.inventory_policyattachment USING btree (connection_id, seen_from);



CREATE INDEX policy_attachment_ended ON public.inventory_policyattachment USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX policy_attachment_history ON public.inventory_policyattachment USING btree (connection_id, policy_id, target_id, seen_from);



CREATE UNIQUE INDEX policy_attachment_one_open_version ON public.inventory_policyattachment USING btree (connection_id, policy_id, target_id) WHERE (seen_until IS NULL);



CREATE INDEX policy_attachment_target ON public.inventory_policyattachment USING btree (connection_id, target_id);



CREATE INDEX policy_began ON public.inventory_policy USING btree (connection_id, seen_from);



CREATE INDEX policy_ended ON public.inventory_policy USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX policy_history ON public.inventory_policy USING btree (connection_id, policy_id, seen_from);



CREATE UNIQUE INDEX policy_one_open_version ON public.inventory_policy USING btree (connection_id, policy_id) WHERE (seen_until IS NULL);



CREATE INDEX principal_attached ON public.inventory_principal USING gin (attached_policy_arns);



CREATE INDEX principal_began ON public.inventory_principal USING btree (connection_id, seen_from);



CREATE INDEX principal_boundary ON public.inventory_principal USING btree (connection_id, boundary_arn, name, arn) WHERE (NOT ((boundary_arn)::text = ''::text));



CREATE INDEX principal_bounded ON public.inventory_principal USING btree (connection_id, name, arn) INCLUDE (id, seen_from, seen_until) WHERE (NOT ((boundary_arn)::text = ''::text));



CREATE INDEX principal_created ON public.inventory_principal USING btree (connection_id, created_at, arn);



CREATE INDEX principal_ended ON public.inventory_principal USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX principal_history ON public.inventory_principal USING btree (connection_id, account_id, arn, seen_from);



CREATE INDEX principal_kind ON public.inventory_principal USING btree (connection_id, kind, name, arn) INCLUDE (id, seen_from, seen_until);



CREATE INDEX principal_name ON public.inventory_principal USING btree (connection_id, name, arn) INCLUDE (id, seen_from, seen_until);



CREATE INDEX principal_name_trigrams ON public.inventory_principalname USING gin (public.inventory_trigrams((name)::text));



CREATE UNIQUE INDEX principal_one_open_version ON public.inventory_principal USING btree (connection_id, account_id, arn) WHERE (seen_until IS NULL);



CREATE INDEX principal_tags ON public.inventory_principal USING gin (tags);



CREATE INDEX reports_subtreereport_connection_id_a35e9d2e ON public.reports_subtreereport USING btree (connection_id);



CREATE INDEX reports_subtreereport_requested_by_id_778e0af2 ON public.reports_subtreereport USING btree (requested_by_id);



CREATE INDEX resource_policy_arn ON public.inventory_resourcepolicy USING btree (connection_id, arn);



CREATE INDEX resource_policy_began ON public.inventory_resourcepolicy USING btree (connection_id, seen_from);



CREATE INDEX resource_policy_ended ON public.inventory_resourcepolicy USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX resource_policy_history ON public.inventory_resourcepolicy USING btree (connection_id, account_id, arn, seen_from);



CREATE INDEX resource_policy_name ON public.inventory_resourcepolicy USING btree (connection_id, name, arn) INCLUDE (id, seen_from, seen_until);



CREATE INDEX resource_policy_name_trigrams ON public.inventory_resourcepolicy USING gin (public.inventory_trigrams((name)::text));



CREATE UNIQUE INDEX resource_policy_one_open_version ON public.inventory_resourcepolicy USING btree (connection_id, account_id, arn) WHERE (seen_until IS NULL);



CREATE INDEX resource_policy_region ON public.inventory_resourcepolicy USING btree (connection_id, region, arn) INCLUDE (id, seen_from, seen_until);



CREATE INDEX resource_policy_seen_from ON public.inventory_resourcepolicy USING btree (connection_id, seen_from, arn) INCLUDE (id, seen_until);



CREATE INDEX resource_policy_service ON public.inventory_resourcepolicy USING btree (connection_id, service, arn) INCLUDE (id, seen_from, seen_until);



CREATE INDEX review_subject ON public.approvals_review USING btree (subject_kind, subject_id);



CREATE INDEX ringdenials_inconclusive ON public.changes_ringdenials USING btree (judged_at) WHERE ((state)::text = 'inconclusive'::text);



CREATE INDEX role_assignment_place ON public.access_roleassignment USING btree (connection_id, target_id);



CREATE INDEX rollout_due ON public.changes_rollout USING btree (not_before) WHERE (ended_at IS NULL);



CREATE UNIQUE INDEX rollout_one_active ON public.changes_rollout USING btree (change_request_id) WHERE (ended_at IS NULL);



CREATE INDEX root_began ON public.inventory_root USING btree (connection_id, seen_from);



CREATE INDEX root_ended ON public.inventory_root USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX root_history ON public.inventory_root USING btree (connection_id, target_id, seen_from);



CREATE UNIQUE INDEX root_one_open_version ON public.inventory_root USING btree (connection_id, target_id) WHERE (seen_until IS NULL);



CREATE INDEX run_by_start ON public.inventory_inventoryrun USING btree (connection_id, started_at DESC);



CREATE INDEX run_by_time ON public.inventory_inventoryrun USING btree (connection_id, requested_at DESC);



CREATE INDEX service_configuration_began ON public.inventory_serviceconfiguration USING btree (connection_id, seen_from);



CREATE INDEX service_configuration_ended ON public.inventory_serviceconfiguration USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX service_configuration_history ON public.inventory_serviceconfiguration USING btree (connection_id, account_id, service, region, kind, name, seen_from);



CREATE INDEX service_configuration_kind ON public.inventory_serviceconfiguration USING btree (connection_id, service, kind) WHERE (seen_until IS NULL);



CREATE UNIQUE INDEX service_configuration_one_open_version ON public.inventory_serviceconfiguration USING btree (connection_id, account_id, service, region, kind, name) WHERE (seen_until IS NULL);



CREATE UNIQUE INDEX settingversion_one_active ON public.approvals_settingversion USING btree (connection_id, kind) WHERE ((state)::text = 'active'::text);



CREATE UNIQUE INDEX settingversion_one_proposed ON public.approvals_settingversion USING btree (connection_id, kind) WHERE ((state)::text = 'proposed'::text);



CREATE INDEX simulation_latest ON public.simulations_simulation USING btree (connection_id, updated_at DESC);



CREATE INDEX simulationjob_end ON public.simulations_simulationjob USING btree (expires_at);



CREATE INDEX simulations_simulation_connection_id_2133ff13 ON public.simulations_simulation USING btree (connection_id);



CREATE INDEX simulations_simulation_owner_id_a8ebc6d9 ON public.simulations_simulation USING btree (owner_id);



CREATE INDEX simulations_simulationjob_connection_id_03df375d ON public.simulations_simulationjob USING btree (connection_id);



CREATE INDEX simulations_simulationjob_requested_by_id_e2d228e6 ON public.simulations_simulationjob USING btree (requested_by_id);



CREATE INDEX socialaccount_socialaccount_user_id_8146e70c ON public.socialaccount_socialaccount USING btree (user_id);



CREATE INDEX socialaccount_socialtoken_account_id_951f210e ON public.socialaccount_socialtoken USING btree (account_id);



CREATE INDEX socialaccount_socialtoken_app_id_636a42d7 ON public.socialaccount_socialtoken USING btree (app_id);



CREATE INDEX structure_baselineversion_connection_id_b82e894c ON public.structure_baselineversion USING btree (connection_id);



CREATE INDEX structure_baselineversion_made_by_id_a56fe164 ON public.structure_baselineversion USING btree (made_by_id);



CREATE INDEX subtreereport_end ON public.reports_subtreereport USING btree (expires_at);



CREATE INDEX suspected_deletion_open ON public.inventory_suspecteddeletion USING btree (connection_id, account_id) WHERE ((state)::text = 'suspected'::text);



CREATE UNIQUE INDEX tag_confirmation_one_open ON public.owners_tagconfirmation USING btree (connection_id, target_id, tag_key) WHERE (ended_at IS NULL);



CREATE INDEX tag_confirmation_open ON public.owners_tagconfirmation USING btree (connection_id) WHERE (ended_at IS NULL);



CREATE INDEX trust_contract_state ON public.contracts_trustcontract USING btree (connection_id, state);



CREATE INDEX trust_contract_targets ON public.contracts_trustcontract USING gin (target_ids);



CREATE INDEX trust_contract_until ON public.contracts_trustcontract USING btree (connection_id, until);



CREATE INDEX trust_edge_began ON public.trust_trustedge USING btree (connection_id, seen_from);



CREATE INDEX trust_edge_counts ON public.trust_trustedge USING btree (connection_id, crossing, source, state) WHERE (seen_until IS NULL);



CREATE INDEX trust_edge_ended ON public.trust_trustedge USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX trust_edge_from ON public.trust_trustedge USING btree (connection_id, principal_account_id);



CREATE INDEX trust_edge_guards ON public.trust_trustedge USING gin (guards jsonb_path_ops);



CREATE INDEX trust_edge_history ON public.trust_trustedge USING btree (connection_id, key, seen_from);



CREATE UNIQUE INDEX trust_edge_one_open_version ON public.trust_trustedge USING btree (connection_id, key) WHERE (seen_until IS NULL);



CREATE INDEX trust_edge_resource ON public.trust_trustedge USING btree (connection_id, resource_arn);



CREATE INDEX trust_edge_resource_name ON public.trust_trustedge USING btree (connection_id, resource_name, key);



CREATE INDEX trust_edge_to ON public.trust_trustedge USING btree (connection_id, account_id);



CREATE INDEX trust_edge_worst ON public.trust_trustedge USING btree (connection_id, crossing_rank, resource_name, key);



CREATE INDEX trust_externalparty_connection_id_2a71658e ON public.trust_externalparty USING btree (connection_id);



CREATE INDEX trust_externalparty_updated_by_id_56a3e3eb ON public.trust_externalparty USING btree (updated_by_id);



CREATE INDEX trust_finding_account ON public.trust_trustfinding USING btree (connection_id, account_id);



CREATE INDEX trust_finding_began ON public.trust_trustfinding USING btree (connection_id, seen_from);



CREATE INDEX trust_finding_code ON public.trust_trustfinding USING btree (connection_id, code);



CREATE INDEX trust_finding_edge ON public.trust_trustfinding USING btree (connection_id, edge_key);



CREATE UNIQUE INDEX trust_finding_one_open_version ON public.trust_trustfinding USING btree (connection_id, key) WHERE (seen_until IS NULL);



CREATE INDEX trust_finding_worst ON public.trust_trustfinding USING btree (connection_id, severity_rank, code, key);



CREATE INDEX trust_trustedge_connection_id_d219b720 ON public.trust_trustedge USING btree (connection_id);



CREATE INDEX trust_trustedge_content_id_b3d46f64 ON public.trust_trustedge USING btree (content_id);



CREATE INDEX trust_trustedge_content_id_b3d46f64_like ON public.trust_trustedge USING btree (content_id varchar_pattern_ops);



CREATE INDEX trust_trustfinding_connection_id_8d06c577 ON public.trust_trustfinding USING btree (connection_id);



CREATE INDEX trust_trustreading_connection_id_019a6c07 ON public.trust_trustreading USING btree (connection_id);



CREATE INDEX trusted_service_began ON public.inventory_trustedservice USING btree (connection_id, seen_from);



CREATE INDEX trusted_service_ended ON public.inventory_trustedservice USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX trusted_service_history ON public.inventory_trustedservice USING btree (connection_id, service_principal, seen_from);



CREATE UNIQUE INDEX trusted_service_one_open_version ON public.inventory_trustedservice USING btree (connection_id, service_principal) WHERE (seen_until IS NULL);



CREATE UNIQUE INDEX unique_authenticator_type ON public.mfa_authenticator USING btree (user_id, type) WHERE ((type)::text = ANY ((ARRAY['totp'::character varying, 'recovery_codes'::character varying])::text[]));



CREATE UNIQUE INDEX unique_primary_email ON public.account_emailaddress USING btree (user_id, "primary") WHERE "primary";



CREATE INDEX unjudged_logs_order ON public.detections_unjudgedlogs USING btree (connection_id, id);



CREATE INDEX used_access_account ON public.inventory_usedaccess USING btree (connection_id, account_id, action);



CREATE INDEX used_access_action ON public.inventory_usedaccess USING btree (connection_id, action);



CREATE INDEX used_access_calls ON public.inventory_usedaccess USING btree (connection_id, calls, id);



CREATE INDEX used_access_last ON public.inventory_usedaccess USING btree (connection_id, last_at, id);



CREATE INDEX used_access_principal ON public.inventory_usedaccess USING btree (connection_id, principal);



CREATE INDEX used_access_resource ON public.inventory_usedaccess USING hash (resource);



CREATE INDEX user_credential_began ON public.inventory_usercredential USING btree (connection_id, seen_from);



CREATE INDEX user_credential_ended ON public.inventory_usercredential USING btree (connection_id, seen_until) WHERE (seen_until IS NOT NULL);



CREATE INDEX user_credential_history ON public.inventory_usercredential USING btree (connection_id, account_id, arn, seen_from);



CREATE UNIQUE INDEX user_credential_one_open_version ON public.inventory_usercredential USING btree (connection_id, account_id, arn) WHERE (seen_until IS NULL);



CREATE INDEX usersessions_usersession_session_key_fd35de43_like ON public.usersessions_usersession USING btree (session_key varchar_pattern_ops);



CREATE INDEX usersessions_usersession_user_id_af5e0a6d ON public.usersessions_usersession USING btree (user_id);



CREATE INDEX who_can_whocanjob_connection_id_5271a144 ON public.who_can_whocanjob USING btree (connection_id);



CREATE INDEX who_can_whocanjob_requested_by_id_501478d6 ON public.who_can_whocanjob USING btree (requested_by_id);



CREATE INDEX whocanjob_end ON public.who_can_whocanjob USING btree (expires_at);



ALTER INDEX public.daily_denial_account ATTACH PARTITION public.inventory_dailydenial_default_connection_id_account_id_day_idx;



ALTER INDEX public.daily_denial_once ATTACH PARTITION public.inventory_dailydenial_default_connection_id_day_digest_key;



ALTER INDEX public.daily_denial_calls ATTACH PARTITION public.inventory_dailydenial_default_connection_id_digest_day_coun_idx;



ALTER INDEX public.daily_denial_last ATTACH PARTITION public.inventory_dailydenial_default_connection_id_last_at_id_idx;



ALTER INDEX public.daily_denial_policy ATTACH PARTITION public.inventory_dailydenial_default_connection_id_policy_day_idx;



ALTER INDEX public.daily_denial_principal ATTACH PARTITION public.inventory_dailydenial_default_connection_id_principal_idx;



ALTER INDEX public.inventory_dailydenial_pkey ATTACH PARTITION public.inventory_dailydenial_default_pkey;



ALTER INDEX public.inventory_dailyusage_pkey ATTACH PARTITION public.inventory_dailyusage_default_pkey;



ALTER INDEX public.logged_event_account ATTACH PARTITION public.inventory_loggedevent_default_connection_id_account_id_at_idx;



ALTER INDEX public.logged_event_once ATTACH PARTITION public.inventory_loggedevent_default_connection_id_day_event_id_key;



ALTER INDEX public.logged_event_name ATTACH PARTITION public.inventory_loggedevent_default_connection_id_event_name_at_idx;



ALTER INDEX public.inventory_loggedevent_pkey ATTACH PARTITION public.inventory_loggedevent_default_pkey;



ALTER INDEX public.read_events_of_hour ATTACH PARTITION public.inventory_readevents_default_connection_id_account_id_hour_idx;



ALTER INDEX public.inventory_readevents_pkey ATTACH PARTITION public.inventory_readevents_default_pkey;



CREATE TRIGGER pgtrigger_append_only_151b3 BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_auditnode FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_append_only_151b3();



COMMENT ON TRIGGER pgtrigger_append_only_151b3 ON public.audit_auditnode IS 'bd4bbfdaab1813ea6f758034f101c4e449b588fe';



CREATE TRIGGER pgtrigger_append_only_31d42 BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_auditleaf FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_append_only_31d42();



COMMENT ON TRIGGER pgtrigger_append_only_31d42 ON public.audit_auditleaf IS 'd5163331d586d479cefa661414fab229790f552a';



CREATE TRIGGER pgtrigger_append_only_616df BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_auditcheckpoint FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_append_only_616df();



COMMENT ON TRIGGER pgtrigger_append_only_616df ON public.audit_auditcheckpoint IS '6d3e4ef13ed36b8a77de64da38c0c34f88ddd03c';



CREATE TRIGGER pgtrigger_append_only_6cfb3 BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_auditentry FOR EACH STATEMENT EXECUTE FUNCTION public.pgtrigger_append_only_6cfb3();



COMMENT ON TRIGGER pgtrigger_append_only_6cfb3 ON public.audit_auditentry IS 'd41f270e4658f3fcec7a6ff50706c40f3a956102';



CREATE TRIGGER pgtrigger_journalentry_append_only_e7a67 BEFORE DELETE OR UPDATE ON public.changes_journalentry FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_journalentry_append_only_e7a67();



COMMENT ON TRIGGER pgtrigger_journalentry_append_only_e7a67 ON public.changes_journalentry IS 'ea03c7258d02a61140732e494243c696e72bbfef';



CREATE TRIGGER pgtrigger_queue_for_sealing_406ba AFTER INSERT ON public.audit_auditentry FOR EACH ROW EXECUTE FUNCTION public.pgtrigger_queue_for_sealing_406ba();



COMMENT ON TRIGGER pgtrigger_queue_for_sealing_406ba ON public.audit_auditentry IS '99fb1383c50dd8f9ce2851558a18d753b4e4912f';



ALTER TABLE ONLY public.access_apitoken
    ADD CONSTRAINT access_apitoken_rotated_from_id_dc37638d_fk_access_apitoken_id FOREIGN KEY (rotated_from_id) REFERENCES public.access_apitoken(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_apitoken
    ADD CONSTRAINT access_apitoken_user_id_9f3b952b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_claimrule
    ADD CONSTRAINT access_claimrule_confirmed_by_id_9e2fad8a_fk_auth_user_id FOREIGN KEY (confirmed_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_claimrule
    ADD CONSTRAINT access_claimrule_connection_id_5dfa88d1_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_claimrule
    ADD CONSTRAINT access_claimrule_created_by_id_15a165a5_fk_auth_user_id FOREIGN KEY (created_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_profile
    ADD CONSTRAINT access_profile_user_id_aea22003_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_roleassignment
    ADD CONSTRAINT access_roleassignmen_connection_id_de2ab11e_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_roleassignment
    ADD CONSTRAINT access_roleassignment_confirmed_by_id_23533773_fk_auth_user_id FOREIGN KEY (confirmed_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_roleassignment
    ADD CONSTRAINT access_roleassignment_granted_by_id_5626b554_fk_auth_user_id FOREIGN KEY (granted_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_roleassignment
    ADD CONSTRAINT access_roleassignment_group_id_7d184f01_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_roleassignment
    ADD CONSTRAINT access_roleassignment_user_id_cfe8c2d4_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_savedview
    ADD CONSTRAINT access_savedview_connection_id_795cb32d_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.access_savedview
    ADD CONSTRAINT access_savedview_person_id_73684c76_fk_auth_user_id FOREIGN KEY (person_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.approvals_review
    ADD CONSTRAINT approvals_review_audit_entry_id_5ac822d4_fk_audit_auditentry_id FOREIGN KEY (audit_entry_id) REFERENCES public.audit_auditentry(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.approvals_review
    ADD CONSTRAINT approvals_review_carried_from_id_0008e794_fk_approvals FOREIGN KEY (carried_from_id) REFERENCES public.approvals_review(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.approvals_review
    ADD CONSTRAINT approvals_review_connection_id_2a5c200d_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.approvals_review
    ADD CONSTRAINT approvals_review_reviewer_id_f868cc8a_fk_auth_user_id FOREIGN KEY (reviewer_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.approvals_settingversion
    ADD CONSTRAINT approvals_settingver_connection_id_506404c2_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.approvals_settingversion
    ADD CONSTRAINT approvals_settingver_proposed_by_id_3c5a665c_fk_auth_user FOREIGN KEY (proposed_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.approvals_settingversion
    ADD CONSTRAINT approvals_settingversion_decided_by_id_f7a7957a_fk_auth_user_id FOREIGN KEY (decided_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.audit_auditleaf
    ADD CONSTRAINT audit_auditleaf_entry_id_72bc133a_fk_audit_auditentry_id FOREIGN KEY (entry_id) REFERENCES public.audit_auditentry(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.audit_unsealedentry
    ADD CONSTRAINT audit_unsealedentry_entry_id_d14bdbff_fk_audit_auditentry_id FOREIGN KEY (entry_id) REFERENCES public.audit_auditentry(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_group_id_97559544_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_user_id_6a12ed8b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permi_permission_id_1fbb5f2c_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_user_id_a95ead1b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changecomment
    ADD CONSTRAINT changes_changecommen_answers_id_83120d89_fk_changes_c FOREIGN KEY (answers_id) REFERENCES public.changes_changecomment(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changecomment
    ADD CONSTRAINT changes_changecommen_change_request_id_40216df4_fk_changes_c FOREIGN KEY (change_request_id) REFERENCES public.changes_changerequest(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changecomment
    ADD CONSTRAINT changes_changecomment_author_id_fa67dcbd_fk_auth_user_id FOREIGN KEY (author_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changecomment
    ADD CONSTRAINT changes_changecomment_resolved_by_id_684c6698_fk_auth_user_id FOREIGN KEY (resolved_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changecontribution
    ADD CONSTRAINT changes_changecontri_change_request_id_924832b9_fk_changes_c FOREIGN KEY (change_request_id) REFERENCES public.changes_changerequest(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changecontribution
    ADD CONSTRAINT changes_changecontribution_person_id_32e52f29_fk_auth_user_id FOREIGN KEY (person_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changelock
    ADD CONSTRAINT changes_changelock_change_request_id_c7a7a63c_fk_changes_c FOREIGN KEY (change_request_id) REFERENCES public.changes_changerequest(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changelock
    ADD CONSTRAINT changes_changelock_connection_id_bc2dd51c_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changerequest
    ADD CONSTRAINT changes_changereques_connection_id_8ac74e79_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changerequest
    ADD CONSTRAINT changes_changereques_evidence_id_d6413b62_fk_changes_e FOREIGN KEY (evidence_id) REFERENCES public.changes_evidence(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changerequest
    ADD CONSTRAINT changes_changereques_undoes_id_ba4eb140_fk_changes_c FOREIGN KEY (undoes_id) REFERENCES public.changes_changerequest(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changerequest
    ADD CONSTRAINT changes_changerequest_author_id_90e3d87c_fk_auth_user_id FOREIGN KEY (author_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_changerequest
    ADD CONSTRAINT changes_changerequest_emergency_by_id_e5e261a7_fk_auth_user_id FOREIGN KEY (emergency_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_evidence
    ADD CONSTRAINT changes_evidence_change_request_id_30001758_fk_changes_c FOREIGN KEY (change_request_id) REFERENCES public.changes_changerequest(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_journalentry
    ADD CONSTRAINT changes_journalentry_audit_entry_id_72e6961c_fk_audit_aud FOREIGN KEY (audit_entry_id) REFERENCES public.audit_auditentry(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_journalentry
    ADD CONSTRAINT changes_journalentry_rollout_id_d233dd65_fk_changes_rollout_id FOREIGN KEY (rollout_id) REFERENCES public.changes_rollout(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_ringdenials
    ADD CONSTRAINT changes_ringdenials_ring_id_5cdc732e_fk_changes_rolloutring_id FOREIGN KEY (ring_id) REFERENCES public.changes_rolloutring(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_rollout
    ADD CONSTRAINT changes_rollout_audit_entry_id_67fddaf1_fk_audit_auditentry_id FOREIGN KEY (audit_entry_id) REFERENCES public.audit_auditentry(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_rollout
    ADD CONSTRAINT changes_rollout_change_request_id_0fff7260_fk_changes_c FOREIGN KEY (change_request_id) REFERENCES public.changes_changerequest(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_rollout
    ADD CONSTRAINT changes_rollout_halt_requested_by_id_b3789ddf_fk_auth_user_id FOREIGN KEY (halt_requested_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_rollout
    ADD CONSTRAINT changes_rollout_started_by_id_cabe3ed7_fk_auth_user_id FOREIGN KEY (started_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_rollout
    ADD CONSTRAINT changes_rollout_undoes_id_2bc002cf_fk_changes_rollout_id FOREIGN KEY (undoes_id) REFERENCES public.changes_rollout(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_rolloutring
    ADD CONSTRAINT changes_rolloutring_gate_by_id_477794dc_fk_auth_user_id FOREIGN KEY (gate_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.changes_rolloutring
    ADD CONSTRAINT changes_rolloutring_rollout_id_8e76dfdf_fk_changes_rollout_id FOREIGN KEY (rollout_id) REFERENCES public.changes_rollout(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.contracts_contractmatch
    ADD CONSTRAINT contracts_contractma_connection_id_5bc46fa7_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.contracts_contractmatching
    ADD CONSTRAINT contracts_contractma_connection_id_d17e56e2_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.contracts_contractmatch
    ADD CONSTRAINT contracts_contractma_contract_id_54b9e00c_fk_contracts FOREIGN KEY (contract_id) REFERENCES public.contracts_trustcontract(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.contracts_trustcontract
    ADD CONSTRAINT contracts_trustcontr_connection_id_c5d0a0d8_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.contracts_trustcontractversion
    ADD CONSTRAINT contracts_trustcontr_contract_id_92176c83_fk_contracts FOREIGN KEY (contract_id) REFERENCES public.contracts_trustcontract(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.contracts_trustcontractversion
    ADD CONSTRAINT contracts_trustcontr_made_by_id_34aac2c2_fk_auth_user FOREIGN KEY (made_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.contracts_trustcontract
    ADD CONSTRAINT contracts_trustcontr_replaces_id_72c63717_fk_contracts FOREIGN KEY (replaces_id) REFERENCES public.contracts_trustcontract(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.contracts_trustcontract
    ADD CONSTRAINT contracts_trustcontract_declared_by_id_eddeeba3_fk_auth_user_id FOREIGN KEY (declared_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.detections_detection
    ADD CONSTRAINT detections_detection_closed_by_id_9a27d9d7_fk_auth_user_id FOREIGN KEY (closed_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.detections_detectionruleversion
    ADD CONSTRAINT detections_detection_connection_id_14b6460d_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.detections_detection
    ADD CONSTRAINT detections_detection_connection_id_78eef21f_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.detections_detectionevidence
    ADD CONSTRAINT detections_detection_detection_id_0d517509_fk_detection FOREIGN KEY (detection_id) REFERENCES public.detections_detection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.detections_detectionruleversion
    ADD CONSTRAINT detections_detection_made_by_id_3685e83a_fk_auth_user FOREIGN KEY (made_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.detections_unjudgedlogs
    ADD CONSTRAINT detections_unjudgedl_connection_id_7d059025_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.drift_driftevent
    ADD CONSTRAINT drift_driftevent_actor_id_59a2a69f_fk_auth_user_id FOREIGN KEY (actor_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.drift_driftevent
    ADD CONSTRAINT drift_driftevent_item_id_63b1fad2_fk_drift_driftitem_id FOREIGN KEY (item_id) REFERENCES public.drift_driftitem(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.drift_driftitem
    ADD CONSTRAINT drift_driftitem_connection_id_f190583f_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.drift_driftreading
    ADD CONSTRAINT drift_driftreading_connection_id_981b9fa2_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.drift_ignorerule
    ADD CONSTRAINT drift_ignorerule_connection_id_3a25e8c9_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.drift_ignorerule
    ADD CONSTRAINT drift_ignorerule_made_by_id_f0d5245b_fk_auth_user_id FOREIGN KEY (made_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.exceptions_exceptionuse
    ADD CONSTRAINT exceptions_exception_exception_id_c27bd5c8_fk_exception FOREIGN KEY (exception_id) REFERENCES public.exceptions_guardrailexception(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.exceptions_guardrailexception
    ADD CONSTRAINT exceptions_guardrail_asked_by_id_d606f344_fk_auth_user FOREIGN KEY (asked_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.exceptions_guardrailexception
    ADD CONSTRAINT exceptions_guardrail_connection_id_38a98d5a_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.exceptions_guardrailexception
    ADD CONSTRAINT exceptions_guardrailexception_owner_id_752b2da1_fk_auth_user_id FOREIGN KEY (owner_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.guardrails_boundaccount
    ADD CONSTRAINT guardrails_boundacco_connection_id_18fce2e4_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.guardrails_guardrailtally
    ADD CONSTRAINT guardrails_guardrail_connection_id_6b463d0b_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.guardrails_guardraildefinition
    ADD CONSTRAINT guardrails_guardrail_connection_id_6bdacd21_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.guardrails_guardrailresult
    ADD CONSTRAINT guardrails_guardrail_connection_id_c843bf85_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.guardrails_guardrailreading
    ADD CONSTRAINT guardrails_guardrail_connection_id_f112222a_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.guardrails_guardraildefinition
    ADD CONSTRAINT guardrails_guardrail_made_by_id_16c13c36_fk_auth_user FOREIGN KEY (made_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.guardrails_guardrailresult
    ADD CONSTRAINT guardrails_guardrail_proof_id_7049995a_fk_guardrail FOREIGN KEY (proof_id) REFERENCES public.guardrails_guardrailproof(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.guardrails_mutationjob
    ADD CONSTRAINT guardrails_mutationj_connection_id_5362e8cb_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.guardrails_mutationjob
    ADD CONSTRAINT guardrails_mutationjob_requested_by_id_75c2a6ef_fk_auth_user_id FOREIGN KEY (requested_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inbox_inboxevent
    ADD CONSTRAINT inbox_inboxevent_actor_id_7b155699_fk_auth_user_id FOREIGN KEY (actor_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inbox_inboxevent
    ADD CONSTRAINT inbox_inboxevent_item_id_099982ce_fk_inbox_inboxitem_id FOREIGN KEY (item_id) REFERENCES public.inbox_inboxitem(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inbox_inboxitem
    ADD CONSTRAINT inbox_inboxitem_assignee_id_2518677a_fk_auth_user_id FOREIGN KEY (assignee_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inbox_inboxitem
    ADD CONSTRAINT inbox_inboxitem_connection_id_b6c83961_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inbox_inboxreading
    ADD CONSTRAINT inbox_inboxreading_connection_id_15df60a2_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_account
    ADD CONSTRAINT inventory_account_connection_id_3ce51bfb_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_accountcoverage
    ADD CONSTRAINT inventory_accountcov_connection_id_7b56590c_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_accountsetting
    ADD CONSTRAINT inventory_accountset_connection_id_a9e1bd54_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_collectedspan
    ADD CONSTRAINT inventory_collecteds_connection_id_76e69247_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_collectiontask
    ADD CONSTRAINT inventory_collection_connection_id_781a9706_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_collectiontask
    ADD CONSTRAINT inventory_collection_run_id_dce4a088_fk_inventory FOREIGN KEY (run_id) REFERENCES public.inventory_inventoryrun(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_coverage
    ADD CONSTRAINT inventory_coverage_connection_id_3a30520b_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_coverage
    ADD CONSTRAINT inventory_coverage_summary_id_4a3c89f4_fk_inventory FOREIGN KEY (summary_id) REFERENCES public.inventory_groupcoverage(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_credentialreport
    ADD CONSTRAINT inventory_credential_connection_id_412be3d2_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_delegatedadministrator
    ADD CONSTRAINT inventory_delegateda_connection_id_2830600f_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_deniedcalls
    ADD CONSTRAINT inventory_deniedcall_connection_id_48545eef_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_effectivepolicyasking
    ADD CONSTRAINT inventory_effectivep_connection_id_8278c103_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_effectivepolicy
    ADD CONSTRAINT inventory_effectivep_connection_id_9f41d806_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_effectivepolicy
    ADD CONSTRAINT inventory_effectivep_content_id_264e842f_fk_inventory FOREIGN KEY (content_id) REFERENCES public.inventory_policycontent(sha256) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_groupcoverage
    ADD CONSTRAINT inventory_groupcover_connection_id_0f89ebb3_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_groupcoveragespan
    ADD CONSTRAINT inventory_groupcover_connection_id_16e396b6_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_groupcoverage
    ADD CONSTRAINT inventory_groupcover_run_id_47264ce7_fk_inventory FOREIGN KEY (run_id) REFERENCES public.inventory_inventoryrun(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_groupcoveragespan
    ADD CONSTRAINT inventory_groupcover_summary_id_5f333d0b_fk_inventory FOREIGN KEY (summary_id) REFERENCES public.inventory_groupcoverage(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_hourlycalls
    ADD CONSTRAINT inventory_hourlycall_connection_id_713adce9_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_iampolicy
    ADD CONSTRAINT inventory_iampolicy_connection_id_47bc5f8b_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_iampolicy
    ADD CONSTRAINT inventory_iampolicy_content_id_657dd6c4_fk_inventory FOREIGN KEY (content_id) REFERENCES public.inventory_policycontent(sha256) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_identitycenterprincipal
    ADD CONSTRAINT inventory_identityce_connection_id_d74ff5dc_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_identityprovider
    ADD CONSTRAINT inventory_identitypr_connection_id_e10158fe_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_identityprovider
    ADD CONSTRAINT inventory_identitypr_metadata_id_51a1be4c_fk_inventory FOREIGN KEY (metadata_id) REFERENCES public.inventory_policycontent(sha256) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_inventoryrun
    ADD CONSTRAINT inventory_inventoryr_connection_id_17a6d3a8_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_inventoryrun
    ADD CONSTRAINT inventory_inventoryrun_requested_by_id_593e2c91_fk_auth_user_id FOREIGN KEY (requested_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_kepteventname
    ADD CONSTRAINT inventory_kepteventn_connection_id_edbb206c_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_logday
    ADD CONSTRAINT inventory_logday_source_id_7cbd6e61_fk_inventory_logsource_id FOREIGN KEY (source_id) REFERENCES public.inventory_logsource(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_logobject
    ADD CONSTRAINT inventory_logobject_source_id_e0246080_fk_inventory FOREIGN KEY (source_id) REFERENCES public.inventory_logsource(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_logquery
    ADD CONSTRAINT inventory_logquery_source_id_4674bed9_fk_inventory_logsource_id FOREIGN KEY (source_id) REFERENCES public.inventory_logsource(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_logsource
    ADD CONSTRAINT inventory_logsource_connection_id_2ad5ecb1_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_organizationsetting
    ADD CONSTRAINT inventory_organizati_connection_id_211fa325_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_organization
    ADD CONSTRAINT inventory_organizati_connection_id_2826e67d_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_organizationresourcepolicy
    ADD CONSTRAINT inventory_organizati_connection_id_afb43a92_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_organizationalunit
    ADD CONSTRAINT inventory_organizati_connection_id_de5e4fd5_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_organizationresourcepolicy
    ADD CONSTRAINT inventory_organizati_content_id_e1a4a75d_fk_inventory FOREIGN KEY (content_id) REFERENCES public.inventory_policycontent(sha256) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_permissionset
    ADD CONSTRAINT inventory_permission_connection_id_07d103d7_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_permissionsetassignment
    ADD CONSTRAINT inventory_permission_connection_id_2556a981_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_permissionset
    ADD CONSTRAINT inventory_permission_inline_policy_id_97f8af53_fk_inventory FOREIGN KEY (inline_policy_id) REFERENCES public.inventory_policycontent(sha256) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_policy
    ADD CONSTRAINT inventory_policy_connection_id_93b3e1a0_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_policy
    ADD CONSTRAINT inventory_policy_content_id_7531211d_fk_inventory FOREIGN KEY (content_id) REFERENCES public.inventory_policycontent(sha256) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_policyattachment
    ADD CONSTRAINT inventory_policyatta_connection_id_0c9de1e7_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_principal
    ADD CONSTRAINT inventory_principal_connection_id_5cff1217_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_principal
    ADD CONSTRAINT inventory_principal_trust_policy_id_e70f1972_fk_inventory FOREIGN KEY (trust_policy_id) REFERENCES public.inventory_policycontent(sha256) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_principalactivity
    ADD CONSTRAINT inventory_principala_connection_id_1fe70b7b_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_principalname
    ADD CONSTRAINT inventory_principaln_connection_id_fbf950cc_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_resourcepolicy
    ADD CONSTRAINT inventory_resourcepo_connection_id_9e20cd0c_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_resourcepolicy
    ADD CONSTRAINT inventory_resourcepo_content_id_a5d9d94f_fk_inventory FOREIGN KEY (content_id) REFERENCES public.inventory_policycontent(sha256) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_responsibilitytransfer
    ADD CONSTRAINT inventory_responsibi_connection_id_ad5473d7_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_root
    ADD CONSTRAINT inventory_root_connection_id_57a6e24b_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_serviceconfiguration
    ADD CONSTRAINT inventory_servicecon_connection_id_ccf7cb27_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_suspecteddeletion
    ADD CONSTRAINT inventory_suspectedd_connection_id_1fa7f8b7_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_suspecteddeletion
    ADD CONSTRAINT inventory_suspectedd_decided_by_id_9dafd6d7_fk_auth_user FOREIGN KEY (decided_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_trustedservice
    ADD CONSTRAINT inventory_trustedser_connection_id_f7a8452c_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_unmappedcall
    ADD CONSTRAINT inventory_unmappedca_connection_id_1cbc8ac1_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_usagecontext
    ADD CONSTRAINT inventory_usageconte_connection_id_89c8b6cb_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_usedaccess
    ADD CONSTRAINT inventory_usedaccess_connection_id_a10af764_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_usedaccess
    ADD CONSTRAINT inventory_usedaccess_context_id_d29b8824_fk_inventory FOREIGN KEY (context_id) REFERENCES public.inventory_usagecontext(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.inventory_usercredential
    ADD CONSTRAINT inventory_usercreden_connection_id_0985fbf7_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.landing_zone_coreaccount
    ADD CONSTRAINT landing_zone_coreacc_confirmed_by_id_92434786_fk_auth_user FOREIGN KEY (confirmed_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.landing_zone_coreaccount
    ADD CONSTRAINT landing_zone_coreacc_connection_id_8bd9a6a4_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_user_id_0c3a50c0_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_chataddress
    ADD CONSTRAINT notifications_chataddress_user_id_99b68c7d_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_deliverysettings
    ADD CONSTRAINT notifications_deliverysettings_user_id_d9f6fc91_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_kindchoice
    ADD CONSTRAINT notifications_kindchoice_user_id_31f8c7ce_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_message
    ADD CONSTRAINT notifications_messag_chat_id_b72f0912_fk_notificat FOREIGN KEY (chat_id) REFERENCES public.notifications_chataddress(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_message_notifications
    ADD CONSTRAINT notifications_messag_message_id_09923ce3_fk_notificat FOREIGN KEY (message_id) REFERENCES public.notifications_message(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_message_notifications
    ADD CONSTRAINT notifications_messag_notification_id_c83c45d5_fk_notificat FOREIGN KEY (notification_id) REFERENCES public.notifications_notification(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_message
    ADD CONSTRAINT notifications_message_user_id_89f939e6_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_notification
    ADD CONSTRAINT notifications_notifi_connection_id_abeced74_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_notification
    ADD CONSTRAINT notifications_notifi_event_id_28551f97_fk_notificat FOREIGN KEY (event_id) REFERENCES public.notifications_outboxevent(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_notification
    ADD CONSTRAINT notifications_notification_user_id_b5e8c0ff_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_outboxevent
    ADD CONSTRAINT notifications_outbox_connection_id_084b1556_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_webhook
    ADD CONSTRAINT notifications_webhoo_connection_id_dccddb5e_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_webhookattempt
    ADD CONSTRAINT notifications_webhoo_delivery_id_b11cf071_fk_notificat FOREIGN KEY (delivery_id) REFERENCES public.notifications_webhookdelivery(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_webhookdelivery
    ADD CONSTRAINT notifications_webhoo_event_id_02c237a9_fk_notificat FOREIGN KEY (event_id) REFERENCES public.notifications_outboxevent(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_webhookdelivery
    ADD CONSTRAINT notifications_webhoo_webhook_id_534ec5b7_fk_notificat FOREIGN KEY (webhook_id) REFERENCES public.notifications_webhook(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.notifications_webhook
    ADD CONSTRAINT notifications_webhook_created_by_id_f5dfcf66_fk_auth_user_id FOREIGN KEY (created_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_absence
    ADD CONSTRAINT owners_absence_created_by_id_f418f8db_fk_auth_user_id FOREIGN KEY (created_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_absence
    ADD CONSTRAINT owners_absence_user_id_3cd1af74_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_deputyterm
    ADD CONSTRAINT owners_deputyterm_created_by_id_df1b9edd_fk_auth_user_id FOREIGN KEY (created_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_deputyterm
    ADD CONSTRAINT owners_deputyterm_deputy_id_9fafd439_fk_auth_user_id FOREIGN KEY (deputy_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_deputyterm
    ADD CONSTRAINT owners_deputyterm_user_id_9bc5ae03_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_grantproposal
    ADD CONSTRAINT owners_grantproposal_claim_rule_id_365e08ce_fk_access_cl FOREIGN KEY (claim_rule_id) REFERENCES public.access_claimrule(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_grantproposal
    ADD CONSTRAINT owners_grantproposal_connection_id_4f377707_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_grantproposal
    ADD CONSTRAINT owners_grantproposal_decided_by_id_f043d55c_fk_auth_user_id FOREIGN KEY (decided_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_grantproposal
    ADD CONSTRAINT owners_grantproposal_group_id_79444a39_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_grantproposal
    ADD CONSTRAINT owners_grantproposal_joined_group_id_ad40b51c_fk_auth_group_id FOREIGN KEY (joined_group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_grantproposal
    ADD CONSTRAINT owners_grantproposal_label_id_52900507_fk_owners_label_id FOREIGN KEY (label_id) REFERENCES public.owners_label(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_grantproposal
    ADD CONSTRAINT owners_grantproposal_ownership_id_299795a1_fk_owners_ow FOREIGN KEY (ownership_id) REFERENCES public.owners_ownership(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_grantproposal
    ADD CONSTRAINT owners_grantproposal_proposed_by_id_570530ac_fk_auth_user_id FOREIGN KEY (proposed_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_grantproposal
    ADD CONSTRAINT owners_grantproposal_role_assignment_id_24c2e5d8_fk_access_ro FOREIGN KEY (role_assignment_id) REFERENCES public.access_roleassignment(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_grantproposal
    ADD CONSTRAINT owners_grantproposal_user_id_bdc1f2c4_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_label
    ADD CONSTRAINT owners_label_confirmed_by_id_c9451cfc_fk_auth_user_id FOREIGN KEY (confirmed_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_label
    ADD CONSTRAINT owners_label_connection_id_c4cba0af_fk_inventory_connection_id FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_label
    ADD CONSTRAINT owners_label_created_by_id_c148ae81_fk_auth_user_id FOREIGN KEY (created_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_label
    ADD CONSTRAINT owners_label_ended_by_id_2a6ff43c_fk_auth_user_id FOREIGN KEY (ended_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_label
    ADD CONSTRAINT owners_label_recertified_by_id_c22a1dba_fk_auth_user_id FOREIGN KEY (recertified_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_labelrule
    ADD CONSTRAINT owners_labelrule_connection_id_9baeecec_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_labelrule
    ADD CONSTRAINT owners_labelrule_created_by_id_7862b3d1_fk_auth_user_id FOREIGN KEY (created_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_labelrule
    ADD CONSTRAINT owners_labelrule_ended_by_id_b25e33df_fk_auth_user_id FOREIGN KEY (ended_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownerrule
    ADD CONSTRAINT owners_ownerrule_connection_id_2c19f43a_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownerrule
    ADD CONSTRAINT owners_ownerrule_created_by_id_497a05fb_fk_auth_user_id FOREIGN KEY (created_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownerrule
    ADD CONSTRAINT owners_ownerrule_ended_by_id_7332a2c4_fk_auth_user_id FOREIGN KEY (ended_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownerrulevalue
    ADD CONSTRAINT owners_ownerrulevalue_group_id_5db51c4d_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownerrulevalue
    ADD CONSTRAINT owners_ownerrulevalue_rule_id_72497140_fk_owners_ownerrule_id FOREIGN KEY (rule_id) REFERENCES public.owners_ownerrule(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownerrulevalue
    ADD CONSTRAINT owners_ownerrulevalue_user_id_354b8943_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownership
    ADD CONSTRAINT owners_ownership_confirmed_by_id_79db99a4_fk_auth_user_id FOREIGN KEY (confirmed_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownership
    ADD CONSTRAINT owners_ownership_connection_id_62e38e47_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownership
    ADD CONSTRAINT owners_ownership_created_by_id_e7466481_fk_auth_user_id FOREIGN KEY (created_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownership
    ADD CONSTRAINT owners_ownership_ended_by_id_7b2c3d4b_fk_auth_user_id FOREIGN KEY (ended_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownership
    ADD CONSTRAINT owners_ownership_group_id_c616f528_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownership
    ADD CONSTRAINT owners_ownership_recertified_by_id_a452f0c7_fk_auth_user_id FOREIGN KEY (recertified_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_ownership
    ADD CONSTRAINT owners_ownership_user_id_7f467f4a_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_rolerecertification
    ADD CONSTRAINT owners_rolerecertifi_assignment_id_112cf280_fk_access_ro FOREIGN KEY (assignment_id) REFERENCES public.access_roleassignment(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_rolerecertification
    ADD CONSTRAINT owners_rolerecertifi_recertified_by_id_ed9a4a66_fk_auth_user FOREIGN KEY (recertified_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_tagconfirmation
    ADD CONSTRAINT owners_tagconfirmati_connection_id_fb01fb1b_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_tagconfirmation
    ADD CONSTRAINT owners_tagconfirmati_recertified_by_id_af1811bc_fk_auth_user FOREIGN KEY (recertified_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_tagconfirmation
    ADD CONSTRAINT owners_tagconfirmation_confirmed_by_id_2ae98149_fk_auth_user_id FOREIGN KEY (confirmed_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_tagconfirmation
    ADD CONSTRAINT owners_tagconfirmation_created_by_id_273b8818_fk_auth_user_id FOREIGN KEY (created_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_tagconfirmation
    ADD CONSTRAINT owners_tagconfirmation_ended_by_id_c86937c7_fk_auth_user_id FOREIGN KEY (ended_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_tagconfirmation
    ADD CONSTRAINT owners_tagconfirmation_group_id_80694edf_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.owners_tagconfirmation
    ADD CONSTRAINT owners_tagconfirmation_user_id_73d2839b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.paths_pathjob
    ADD CONSTRAINT paths_pathjob_connection_id_56b7bccd_fk_inventory_connection_id FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.paths_pathjob
    ADD CONSTRAINT paths_pathjob_requested_by_id_1d6ebfca_fk_auth_user_id FOREIGN KEY (requested_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.reports_subtreereport
    ADD CONSTRAINT reports_subtreerepor_connection_id_a35e9d2e_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.reports_subtreereport
    ADD CONSTRAINT reports_subtreereport_requested_by_id_778e0af2_fk_auth_user_id FOREIGN KEY (requested_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.simulations_simulationjob
    ADD CONSTRAINT simulations_simulati_connection_id_03df375d_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.simulations_simulation
    ADD CONSTRAINT simulations_simulati_connection_id_2133ff13_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.simulations_simulationjob
    ADD CONSTRAINT simulations_simulati_requested_by_id_e2d228e6_fk_auth_user FOREIGN KEY (requested_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.simulations_simulation
    ADD CONSTRAINT simulations_simulation_owner_id_a8ebc6d9_fk_auth_user_id FOREIGN KEY (owner_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_social_account_id_951f210e_fk_socialacc FOREIGN KEY (account_id) REFERENCES public.socialaccount_socialaccount(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_social_app_id_636a42d7_fk_socialacc FOREIGN KEY (app_id) REFERENCES public.socialaccount_socialapp(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_socialaccount_user_id_8146e70c_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.structure_baselineversion
    ADD CONSTRAINT structure_baselineve_connection_id_b82e894c_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.structure_baselineversion
    ADD CONSTRAINT structure_baselineversion_made_by_id_a56fe164_fk_auth_user_id FOREIGN KEY (made_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.trust_externalparty
    ADD CONSTRAINT trust_externalparty_connection_id_2a71658e_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.trust_externalparty
    ADD CONSTRAINT trust_externalparty_updated_by_id_56a3e3eb_fk_auth_user_id FOREIGN KEY (updated_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.trust_trustedge
    ADD CONSTRAINT trust_trustedge_connection_id_d219b720_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.trust_trustedge
    ADD CONSTRAINT trust_trustedge_content_id_b3d46f64_fk_inventory FOREIGN KEY (content_id) REFERENCES public.inventory_policycontent(sha256) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.trust_trustfinding
    ADD CONSTRAINT trust_trustfinding_connection_id_8d06c577_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.trust_trustreading
    ADD CONSTRAINT trust_trustreading_connection_id_019a6c07_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.usersessions_usersession
    ADD CONSTRAINT usersessions_usersession_user_id_af5e0a6d_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.who_can_whocanjob
    ADD CONSTRAINT who_can_whocanjob_connection_id_5271a144_fk_inventory FOREIGN KEY (connection_id) REFERENCES public.inventory_connection(id) DEFERRABLE INITIALLY DEFERRED;



ALTER TABLE ONLY public.who_can_whocanjob
    ADD CONSTRAINT who_can_whocanjob_requested_by_id_501478d6_fk_auth_user_id FOREIGN KEY (requested_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;




INSERT INTO public.django_migrations (app, name, applied) VALUES
 ('contenttypes', '0001_initial', now()),
 ('auth', '0001_initial', now()),
 ('inventory', '0001_initial', now()),
 ('inventory', '0002_inconsistent_coverage', now()),
 ('inventory', '0003_resource_policies', now()),
 ('inventory', '0004_suspected_deletions', now()),
 ('inventory', '0005_credential_report', now()),
 ('inventory', '0006_coverage_by_change', now()),
 ('inventory', '0007_carry_coverage', now()),
 ('inventory', '0008_drop_old_coverage', now()),
 ('inventory', '0009_run_leases', now()),
 ('inventory', '0010_apply_role', now()),
 ('inventory', '0011_crossings_of_the_organization', now()),
 ('inventory', '0012_service_configurations', now()),
 ('inventory', '0013_usage_of_logs', now()),
 ('inventory', '0014_athena_queries', now()),
 ('inventory', '0015_hashes_of_log_files', now()),
 ('inventory', '0016_index_denials', now()),
 ('contenttypes', '0002_remove_content_type_name', now()),
 ('auth', '0002_alter_permission_name_max_length', now()),
 ('auth', '0003_alter_user_email_max_length', now()),
 ('auth', '0004_alter_user_username_opts', now()),
 ('auth', '0005_alter_user_last_login_null', now()),
 ('auth', '0006_require_contenttypes_0002', now()),
 ('auth', '0007_alter_validators_add_error_messages', now()),
 ('auth', '0008_alter_user_username_max_length', now()),
 ('auth', '0009_alter_user_last_name_max_length', now()),
 ('auth', '0010_alter_group_name_max_length', now()),
 ('auth', '0011_update_proxy_permissions', now()),
 ('auth', '0012_alter_user_first_name_max_length', now()),
 ('access', '0001_initial', now()),
 ('access', '0002_role_assignments', now()),
 ('access', '0003_carry_roles', now()),
 ('access', '0004_profile', now()),
 ('access', '0005_claim_rules', now()),
 ('access', '0006_claim_rules_need_confirmation', now()),
 ('access', '0007_saved_views', now()),
 ('account', '0001_initial', now()),
 ('account', '0002_email_max_length', now()),
 ('account', '0003_alter_emailaddress_create_unique_verified_email', now()),
 ('account', '0004_alter_emailaddress_drop_unique_email', now()),
 ('account', '0005_emailaddress_idx_upper_email', now()),
 ('account', '0006_emailaddress_lower', now()),
 ('account', '0007_emailaddress_idx_email', now()),
 ('account', '0008_emailaddress_unique_primary_email_fixup', now()),
 ('account', '0009_emailaddress_unique_primary_email', now()),
 ('audit', '0001_initial', now()),
 ('audit', '0002_tree', now()),
 ('approvals', '0001_initial', now()),
 ('approvals', '0002_second_person', now()),
 ('approvals', '0003_trust_limits', now()),
 ('approvals', '0004_guardrail_parameters', now()),
 ('approvals', '0005_confirmed_by_command', now()),
 ('approvals', '0006_finding_limits', now()),
 ('audit', '0003_lists_sort', now()),
 ('changes', '0001_initial', now()),
 ('changes', '0002_rollout_progress', now()),
 ('changes', '0003_life', now()),
 ('changes', '0004_saved_filters', now()),
 ('changes', '0005_emergency', now()),
 ('changes', '0006_usage', now()),
 ('changes', '0007_saved_filters_are_views', now()),
 ('contracts', '0001_initial', now()),
 ('contracts', '0002_history_and_matches', now()),
 ('contracts', '0003_matches_over_time', now()),
 ('inventory', '0017_kept_event_names', now()),
 ('inventory', '0018_hours_and_calls', now()),
 ('inventory', '0019_account_by_name', now()),
 ('detections', '0001_initial', now()),
 ('detections', '0002_own_detection_rules', now()),
 ('detections', '0003_lists_sort', now()),
 ('drift', '0001_initial', now()),
 ('drift', '0002_subjects_and_readings', now()),
 ('drift', '0003_one_item_a_subject', now()),
 ('drift', '0004_delegation_policy_and_tags', now()),
 ('exceptions', '0001_initial', now()),
 ('exceptions', '0002_uses_and_versions', now()),
 ('guardrails', '0001_initial', now()),
 ('guardrails', '0002_tallies_and_readings', now()),
 ('guardrails', '0003_bound_accounts', now()),
 ('inventory', '0020_resources_sort', now()),
 ('inbox', '0001_initial', now()),
 ('inbox', '0002_finding_inbox', now()),
 ('inbox', '0003_open_findings_index', now()),
 ('inbox', '0004_landing_zone_source', now()),
 ('inbox', '0005_detection_source', now()),
 ('inbox', '0006_accounts_outside', now()),
 ('inbox', '0007_timeline_order', now()),
 ('inbox', '0008_list_orders', now()),
 ('inventory', '0021_denied_calls', now()),
 ('inventory', '0022_account_in_parent', now()),
 ('inventory', '0023_coverage_problems', now()),
 ('landing_zone', '0001_initial', now()),
 ('mfa', '0001_initial', now()),
 ('mfa', '0002_authenticator_timestamps', now()),
 ('mfa', '0003_authenticator_type_uniq', now()),
 ('notifications', '0001_initial', now()),
 ('owners', '0001_initial', now()),
 ('owners', '0002_groups_may_be_deleted', now()),
 ('owners', '0003_memberships_and_claims', now()),
 ('owners', '0004_account_recovery', now()),
 ('paths', '0001_initial', now()),
 ('reports', '0001_initial', now()),
 ('sessions', '0001_initial', now()),
 ('simulations', '0001_initial', now()),
 ('simulations', '0002_seen_part', now()),
 ('simulations', '0003_usage', now()),
 ('socialaccount', '0001_initial', now()),
 ('socialaccount', '0002_token_max_lengths', now()),
 ('socialaccount', '0003_extra_data_default_dict', now()),
 ('socialaccount', '0004_app_provider_id_settings', now()),
 ('socialaccount', '0005_socialtoken_nullable_app', now()),
 ('socialaccount', '0006_alter_socialaccount_extra_data', now()),
 ('structure', '0001_initial', now()),
 ('trust', '0001_initial', now()),
 ('trust', '0002_rank_crossings', now()),
 ('trust', '0003_what_edges_follow_from', now()),
 ('trust', '0004_rank_findings', now()),
 ('trust', '0005_findings_of_the_graph', now()),
 ('trust', '0006_count_edges', now()),
 ('trust', '0007_services_of_edges', now()),
 ('trust', '0008_units_of_edges', now()),
 ('usersessions', '0001_initial', now()),
 ('who_can', '0001_initial', now()),
 ('who_can', '0002_seen_part', now());
