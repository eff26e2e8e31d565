package io.onevault.demo.workload;

import io.onevault.demo.workload.Ledger.Event;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.SplittableRandom;

/**
 * A tenant's application server: reads and writes that tenant's part of the business vault. Now and
 * then it forgets a transaction for seconds, and now and then somebody behind it tries statements
 * that are none of its business.
 */
final class TenantClient extends Client {

    /** Assets and transactions below this number belong to the contention crews. */
    static final int RESERVED = 10;

    private static final String[] SNOOPING = {
        "SELECT table_schema, table_name FROM information_schema.tables",
        "SELECT rolname, rolsuper FROM pg_catalog.pg_roles",
        "GRANT SELECT ON business.customer_profile_s TO app_stark",
        "SELECT pg_read_file('/etc/hostname')",
        "SELECT username, password_hash FROM auth.user_auth_s",
    };

    private static final int NEVER = -1;

    private final Tenant tenant;
    private final boolean largest;

    TenantClient(
            Tenant tenant,
            int index,
            int count,
            Settings settings,
            Ledger ledger,
            StopSignal stop) {
        super(tenant.name() + "-web", index, count, tenant.role(), settings, ledger, stop);
        this.tenant = tenant;
        this.largest = tenant.equals(Tenant.ALL.get(0));
    }

    @Override
    void step(long step, SplittableRandom random) {
        if (rarely(step, largest ? 3 : NEVER, random, 0.15)) {
            snoop(random);
        } else if (rarely(step, largest ? 6 : NEVER, random, 0.3)) {
            forgetTransaction(random);
        } else if (random.nextInt(100) < 50) {
            read(random);
        } else if (tenant.purged() && random.nextInt(100) < 15) {
            purge(random);
        } else if (random.nextInt(100) >= tenant.newRowPercent()) {
            session().transact(s -> changeAsset(s, random));
        } else {
            String number = "n" + name() + "-" + step;
            if (random.nextInt(4) == 0) {
                session().transact(s -> addAsset(s, number, random));
            } else {
                session().transact(s -> addTransaction(s, number, random));
            }
        }
    }

    private void read(SplittableRandom random) {
        if (random.nextInt(10) == 0) {
            session()
                    .transact(
                            s ->
                                    s.execute(
                                            """
                                            SELECT d.asset_type, count(*), sum(d.asset_value)
                                            FROM business.asset_h h
                                            JOIN business.asset_details_s d ON d.asset_hk = h.asset_hk
                                            WHERE h.tenant_hk = ? AND d.load_end_date IS NULL
                                            GROUP BY d.asset_type
                                            """,
                                            tenant.key()));
            return;
        }
        byte[] customer = tenant.customerKey(random.nextInt(tenant.assets() / 4));
        session()
                .transact(
                        s ->
                                s.execute(
                                        """
                                        SELECT h.transaction_bk, d.transaction_status, d.amount
                                        FROM business.customer_transaction_l l
                                        JOIN business.transaction_h h ON h.transaction_hk = l.transaction_hk
                                        JOIN business.transaction_details_s d
                                            ON d.transaction_hk = l.transaction_hk AND d.load_end_date IS NULL
                                        WHERE l.customer_hk = ?
                                        ORDER BY d.load_date DESC
                                        LIMIT 20
                                        """,
                                        customer));
    }

    private void changeAsset(Session s, SplittableRandom random) throws SQLException {
        // The square makes a few assets popular, and their hub rows hot.
        double popular = random.nextDouble() * random.nextDouble();
        byte[] asset = tenant.assetKey(RESERVED + (int) (popular * (tenant.assets() - RESERVED)));
        OffsetDateTime since = Satellites.close(s, "business", "asset", "asset_details_s", asset);
        s.write(
                tenant,
                """
                INSERT INTO business.asset_details_s
                    (asset_hk, load_date, hash_diff, asset_name, asset_type, asset_value, attributes)
                SELECT asset_hk, coalesce(?::timestamptz, clock_timestamp()), sha256(convert_to(v::text, 'UTF8')),
                       'Asset revalued', 'MACHINE', v, jsonb_build_object('reason', 'revaluation')
                FROM business.asset_h CROSS JOIN (SELECT ?::numeric AS v) AS new_value
                WHERE asset_hk = ?
                """,
                since,
                100 + random.nextInt(100_000),
                asset);
    }

    private void addAsset(Session s, String number, SplittableRandom random) throws SQLException {
        String key = tenant.name() + "/asset/" + number;
        byte[] asset = HashKeys.of(key);
        s.write(
                tenant,
                "INSERT INTO business.asset_h (asset_hk, asset_bk, tenant_hk) VALUES (?, ?, ?) ON"
                        + " CONFLICT DO NOTHING",
                asset,
                key,
                tenant.key());
        OffsetDateTime since = Satellites.close(s, "business", "asset", "asset_details_s", asset);
        s.write(
                tenant,
                """
                INSERT INTO business.asset_details_s
                    (asset_hk, load_date, hash_diff, asset_name, asset_type, asset_value)
                VALUES (?, coalesce(?::timestamptz, clock_timestamp()), ?, ?, 'VEHICLE', ?)
                """,
                asset,
                since,
                asset,
                "Asset " + number,
                100 + random.nextInt(100_000));
    }

    private void addTransaction(Session s, String number, SplittableRandom random)
            throws SQLException {
        String key = tenant.name() + "/transaction/" + number;
        byte[] transaction = HashKeys.of(key);
        byte[] customer = tenant.customerKey(random.nextInt(tenant.assets() / 4));
        byte[] asset = tenant.assetKey(RESERVED + random.nextInt(tenant.assets() - RESERVED));
        s.write(
                tenant,
                "INSERT INTO business.transaction_h (transaction_hk, transaction_bk, tenant_hk)"
                        + " VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                transaction,
                key,
                tenant.key());
        OffsetDateTime since =
                Satellites.close(
                        s, "business", "transaction", "transaction_details_s", transaction);
        s.write(
                tenant,
                """
                INSERT INTO business.transaction_details_s
                    (transaction_hk, load_date, hash_diff, transaction_status, amount, currency, description)
                VALUES (?, coalesce(?::timestamptz, clock_timestamp()), ?, 'OPEN', ?, 'EUR', ?)
                """,
                transaction,
                since,
                transaction,
                1 + random.nextInt(50_000),
                "Order " + number);
        s.write(
                tenant,
                "INSERT INTO business.customer_transaction_l (customer_transaction_hk, customer_hk,"
                        + " transaction_hk) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                HashKeys.of(key + "/customer"),
                customer,
                transaction);
        s.write(
                tenant,
                "INSERT INTO business.transaction_asset_l (transaction_asset_hk, transaction_hk,"
                        + " asset_hk) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                HashKeys.of(key + "/asset"),
                transaction,
                asset);
    }

    private void purge(SplittableRandom random) {
        byte[] asset = tenant.assetKey(RESERVED + random.nextInt(tenant.assets() - RESERVED));
        session()
                .transact(
                        s ->
                                s.write(
                                        tenant,
                                        "DELETE FROM business.asset_details_s WHERE asset_hk = ?"
                                                + " AND load_end_date IS NOT NULL",
                                        asset));
    }

    private void forgetTransaction(SplittableRandom random) {
        if (session().run(s -> changeAsset(s, random))) {
            session().ledger().count(Event.IDLE_IN_TRANSACTION);
            session().dawdle(between(random, 2000, 5000));
            session().commit();
        }
    }

    private void snoop(SplittableRandom random) {
        String statement = SNOOPING[random.nextInt(SNOOPING.length)];
        session()
                .transact(
                        s -> {
                            s.ledger().count(Event.SUSPICIOUS_STATEMENT);
                            s.execute(statement);
                        });
    }
}
