package io.onevault.demo.workload;

import java.util.List;
import java.util.SplittableRandom;

/**
 * One customer of the watched platform.
 *
 * @param name business key, and suffix of its login role {@code app_<name>}
 * @param assets assets (and incidents) before the workload starts; transactions are twice as many
 * @param users accounts, at least the administrator and the consultant
 * @param newRowPercent how many of its writes add a thing instead of changing one: its growth
 */
public record Tenant(String name, int assets, int users, int newRowPercent) {

    /**
     * All tenants, largest first; sizes and activity follow Zipf's law, growth does not: the second
     * grows fastest, the third stays flat, the fourth is purged as it grows.
     */
    public static final List<Tenant> ALL =
            List.of(
                    new Tenant("acme", 1200, 42, 30),
                    new Tenant("globex", 600, 22, 80),
                    new Tenant("initech", 400, 16, 3),
                    new Tenant("umbrella", 300, 12, 50),
                    new Tenant("hooli", 240, 10, 40),
                    new Tenant("stark", 200, 9, 15));

    String role() {
        return "app_" + name;
    }

    /** Whether old versions of its rows are deleted from time to time. */
    boolean purged() {
        return name.equals("umbrella");
    }

    byte[] key() {
        return HashKeys.of(name);
    }

    byte[] assetKey(int number) {
        return HashKeys.of(name + "/asset/" + number);
    }

    byte[] customerKey(int number) {
        return HashKeys.of(name + "/customer/" + number);
    }

    byte[] transactionKey(int number) {
        return HashKeys.of(name + "/transaction/" + number);
    }

    byte[] userKey(int number) {
        return HashKeys.of(name + "/user/" + number);
    }

    /** Draws a tenant, the k-th largest k times less often than the largest. */
    static Tenant draw(SplittableRandom random) {
        double total = 0;
        for (int k = 1; k <= ALL.size(); k++) {
            total += 1.0 / k;
        }
        double left = random.nextDouble() * total;
        for (int k = 1; k < ALL.size(); k++) {
            left -= 1.0 / k;
            if (left < 0) {
                return ALL.get(k - 1);
            }
        }
        return ALL.get(ALL.size() - 1);
    }
}
