"""PostgreSQL for one home: started from the wheel's programs, private to one operating-system user.

``ensure_running(home)`` gives the two addresses (owner, app) and starts the server if it must;
``using(home)`` does the same for the length of a block and lets the last user out stop the server;
``stop(home)`` stops it.

A server of one's own: with DATABASE_URL (role ``app``) and DATABASE_OWNER_URL (role ``owner``) set, nothing is
started and these are used. Only migrations, backups and restores need the owner. Its administrator makes::

    CREATE ROLE owner LOGIN PASSWORD '...';  CREATE ROLE app LOGIN PASSWORD '...';
    CREATE DATABASE threshold OWNER owner;   REVOKE ALL ON DATABASE threshold FROM PUBLIC;
    GRANT CONNECT, TEMPORARY ON DATABASE threshold TO app;
    ALTER ROLE app SET statement_timeout = '30s';  ALTER ROLE app SET lock_timeout = '10s';
    ALTER ROLE app SET idle_in_transaction_session_timeout = '60s';

Why not the wheel's own start: it lets everybody in as superuser, opens every folder above its data to all
users, and with a long path puts its socket where all of them reach it. Here the superuser exists only in
single-user mode, never on the socket; ``owner`` comes in as the operating-system user that the home belongs
to, ``app`` with a password kept in the home, and nobody else at all.
"""

from threshold.embedded.errors import DatabaseError
from threshold.embedded.server import Server, ensure_running, stop, using

__all__ = ["DatabaseError", "Server", "ensure_running", "stop", "using"]
