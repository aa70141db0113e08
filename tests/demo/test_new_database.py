import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from demo import new_database
from demo.new_database import noted_migrations, prepare_database


@pytest.mark.django_db
class TestNewDatabase:
    def test_begins_with_tables_of_migrations_that_this_version_has(self):
        assert noted_migrations()
        assert noted_migrations() <= MigrationLoader(None).disk_migrations.keys()

    def test_has_every_migration_applied(self):
        applied = MigrationRecorder(connection).applied_migrations().keys()

        assert applied == MigrationLoader(None).disk_migrations.keys()

    def test_is_left_alone_where_there_are_tables(self, monkeypatch, tmp_path):
        monkeypatch.setattr(new_database, "FILE", tmp_path / "missing.sql")
        before = MigrationRecorder(connection).applied_migrations().keys()

        prepare_database()

        assert MigrationRecorder(connection).applied_migrations().keys() == before

    def test_only_migrates_where_the_file_is_of_another_version(self, monkeypatch, tmp_path):
        file = tmp_path / "new_database.sql"
        file.write_text("INSERT …\n ('inventory', '9999_of_another_branch', now());\n")
        monkeypatch.setattr(new_database, "FILE", file)
        monkeypatch.setattr(connection.introspection, "table_names", list)
        migrated = []
        monkeypatch.setattr(
            new_database, "call_command", lambda name, **options: migrated.append(name)
        )

        prepare_database()

        assert migrated == ["migrate"]
