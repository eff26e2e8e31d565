package io.onevault.demo.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;

/** Decides which clients and crews a workload has. */
final class Roster {

    /** One client of each kind. */
    static final int FEWEST_CLIENTS = 4;

    /** Tenants by client: larger ones have more application servers. */
    private static final int[] TENANT_OF_CLIENT = {0, 1, 2, 3, 4, 5, 0, 1, 0};

    private Roster() {}

    static List<Client> clients(Settings settings, Ledger ledger, StopSignal stop) {
        int auth = 0;
        int desk = 0;
        int reports = 0;
        for (int i = 0; i < settings.clients(); i++) {
            if (i % 8 == 0) {
                auth++;
            } else if (i % 4 == 1) {
                desk++;
            } else if (i % 16 == 2) {
                reports++;
            }
        }
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < auth; i++) {
            clients.add(new AuthClient(i, auth, settings, ledger, stop));
        }
        for (int i = 0; i < desk; i++) {
            clients.add(new ServiceDeskClient(i, desk, settings, ledger, stop));
        }
        for (int i = 0; i < reports; i++) {
            clients.add(new ReportsClient(i, reports, settings, ledger, stop));
        }
        int tenants = settings.clients() - clients.size();
        int[] servers = new int[Tenant.ALL.size()];
        for (int i = 0; i < tenants; i++) {
            int tenant = TENANT_OF_CLIENT[i % TENANT_OF_CLIENT.length];
            clients.add(
                    new TenantClient(
                            Tenant.ALL.get(tenant),
                            servers[tenant]++,
                            tenants,
                            settings,
                            ledger,
                            stop));
        }
        return clients;
    }

    static List<Crew> crews(
            Settings settings, Ledger ledger, StopSignal stop, ExecutorService threads) {
        List<Crew> crews = new ArrayList<>();
        if (settings.deadlocksPerMinute() > 0) {
            crews.add(new DeadlockCrew(settings, ledger, stop, threads));
        }
        if (settings.blockingPerMinute() > 0) {
            crews.add(new BlockingCrew(settings, ledger, stop, threads));
        }
        return crews;
    }
}
