package io.onevault.demo.workload;

import io.onevault.demo.workload.Ledger.Event;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

/**
 * The login service: successful and failed logins, bursts of failures, sessions that open and
 * close, and the consultant who works in two tenants at once.
 */
final class AuthClient extends Client {

    /** The account every tenant has under the same user name; see {@code populate.sql}. */
    private static final int CONSULTANT = 1;

    private static final int FIRST_ORDINARY_USER = 2;
    private static final int MOST_OPEN_SESSIONS = 200;

    private final Deque<byte[]> open = new ArrayDeque<>();

    AuthClient(int index, int count, Settings settings, Ledger ledger, StopSignal stop) {
        super("auth-service", index, count, WorkloadSchema.AUTH_ROLE, settings, ledger, stop);
    }

    @Override
    void step(long step, SplittableRandom random) {
        Tenant tenant = Tenant.draw(random);
        int user = FIRST_ORDINARY_USER + random.nextInt(tenant.users() - FIRST_ORDINARY_USER);
        String address = "10.1." + random.nextInt(8) + "." + (1 + random.nextInt(250));
        if (rarely(step, 2, random, 0.05)) {
            hopBetweenTenants(step, random, address);
        } else if (rarely(step, 3, random, 0.05)) {
            guessPasswords(tenant, user, 6 + random.nextInt(5), address);
        } else if (rarely(step, 4, random, 0.1)) {
            session().knockAsUnknownRole();
        } else if (random.nextInt(100) < 12) {
            refuse(tenant, user, address);
        } else if (open.size() > MOST_OPEN_SESSIONS
                || (!open.isEmpty() && random.nextInt(100) < 45)) {
            logOut(open.removeFirst());
        } else {
            logIn(tenant, user, name() + "-" + step, address);
        }
    }

    private boolean logIn(Tenant tenant, int user, String number, String address) {
        String key = tenant.name() + "/session/" + number;
        byte[] sessionKey = HashKeys.of(key);
        boolean done =
                session()
                        .transact(
                                s -> {
                                    recordAttempt(s, tenant.userKey(user), true, address);
                                    openSession(s, tenant, user, key, address);
                                });
        if (done) {
            session().ledger().count(Event.LOGIN);
            session().ledger().count(Event.SESSION_OPENED);
            open.addLast(sessionKey);
        }
        return done;
    }

    private boolean refuse(Tenant tenant, int user, String address) {
        boolean done =
                session().transact(s -> recordAttempt(s, tenant.userKey(user), false, address));
        if (done) {
            session().ledger().count(Event.FAILED_LOGIN);
        }
        return done;
    }

    private void guessPasswords(Tenant tenant, int user, int attempts, String address) {
        boolean all = true;
        for (int i = 0; i < attempts && all; i++) {
            all = refuse(tenant, user, address);
        }
        if (all) {
            session().ledger().count(Event.FAILED_LOGIN_BURST);
        }
    }

    private void hopBetweenTenants(long step, SplittableRandom random, String address) {
        int first = random.nextInt(Tenant.ALL.size());
        int second = (first + 1 + random.nextInt(Tenant.ALL.size() - 1)) % Tenant.ALL.size();
        String number = name() + "-" + step;
        if (logIn(Tenant.ALL.get(first), CONSULTANT, number, address)
                && logIn(Tenant.ALL.get(second), CONSULTANT, number, address)) {
            session().ledger().count(Event.TENANT_VIOLATION);
        }
    }

    /** Adds a version of the account that holds the attempt's outcome. */
    private static void recordAttempt(Session s, byte[] user, boolean success, String address)
            throws SQLException {
        OffsetDateTime since = Satellites.close(s, "auth", "user", "user_auth_s", user);
        s.execute(
                """
                INSERT INTO auth.user_auth_s
                    (user_hk, load_date, hash_diff, username, password_hash, failed_login_attempts,
                     last_failed_login, last_login, source_ip, record_source)
                SELECT user_hk, load_end_date, sha256(convert_to(load_end_date::text || ?, 'UTF8')), username,
                       password_hash, CASE WHEN ? THEN 0 ELSE failed_login_attempts + 1 END,
                       CASE WHEN ? THEN last_failed_login ELSE clock_timestamp() END,
                       CASE WHEN ? THEN clock_timestamp() ELSE last_login END, ?::inet, 'AUTH_SERVICE'
                FROM auth.user_auth_s
                WHERE user_hk = ? AND load_end_date = ?::timestamptz
                """,
                success ? "success" : "failure",
                success,
                success,
                success,
                address,
                user,
                since);
    }

    private static void openSession(Session s, Tenant tenant, int user, String key, String address)
            throws SQLException {
        byte[] sessionKey = HashKeys.of(key);
        s.execute(
                """
                INSERT INTO auth.session_h (session_hk, session_bk, tenant_hk, record_source)
                VALUES (?, ?, ?, 'AUTH_SERVICE') ON CONFLICT DO NOTHING
                """,
                sessionKey,
                key,
                tenant.key());
        OffsetDateTime since =
                Satellites.close(s, "auth", "session", "session_state_s", sessionKey);
        s.execute(
                """
                INSERT INTO auth.session_state_s
                    (session_hk, load_date, hash_diff, session_status, session_start, last_activity, ip_address,
                     user_agent, record_source)
                SELECT ?, at, sha256(convert_to('ACTIVE', 'UTF8')), 'ACTIVE', at, at, ?::inet, 'Mozilla/5.0',
                       'AUTH_SERVICE'
                FROM (SELECT coalesce(?::timestamptz, clock_timestamp()) AS at) AS moment
                """,
                sessionKey,
                address,
                since);
        s.execute(
                """
                INSERT INTO auth.user_session_l (user_session_hk, user_hk, session_hk, tenant_hk, record_source)
                VALUES (?, ?, ?, ?, 'AUTH_SERVICE') ON CONFLICT DO NOTHING
                """,
                HashKeys.of(key + "/user"),
                tenant.userKey(user),
                sessionKey,
                tenant.key());
    }

    private void logOut(byte[] sessionKey) {
        boolean done =
                session()
                        .transact(
                                s -> {
                                    OffsetDateTime ended =
                                            Satellites.close(
                                                    s,
                                                    "auth",
                                                    "session",
                                                    "session_state_s",
                                                    sessionKey);
                                    s.execute(
                                            """
                                            INSERT INTO auth.session_state_s
                                                (session_hk, load_date, hash_diff, session_status, session_start,
                                                 session_end, last_activity, ip_address, user_agent, record_source)
                                            SELECT session_hk, load_end_date, sha256(convert_to('CLOSED', 'UTF8')),
                                                   'CLOSED', session_start, load_end_date, load_end_date, ip_address,
                                                   user_agent, 'AUTH_SERVICE'
                                            FROM auth.session_state_s
                                            WHERE session_hk = ? AND load_end_date = ?::timestamptz
                                            """,
                                            sessionKey,
                                            ended);
                                });
        if (done) {
            session().ledger().count(Event.SESSION_CLOSED);
        }
    }
}
