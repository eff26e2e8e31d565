package io.onevault.jobs.config;

import io.onevault.connectors.cdc.ChangeCapture;
import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.alerts.rules.RuleTables;
import io.onevault.jobs.config.OneVaultConfig.Changes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads how the changes of a database are captured: of a target, and of the vault's rules. */
final class ChangesReader {

    private static final String PREFIX = "onevault_";
    private static final String RULES_SLOT = PREFIX + "rules";
    private static final int LONGEST_NAME = 63;
    private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");
    private static final Pattern TABLE = Pattern.compile("[^.]+\\.[^.]+");

    private static final Pattern SEVERAL_HOSTS = Pattern.compile("^[^/]*//[^/?]*,");

    private ChangesReader() {}

    /**
     * The vault's rules; null when they are not read.
     *
     * @param vault the section with {@code url}, where the rules are read
     * @param vaultUser defaults, as the vault's section has them
     */
    static @Nullable Changes rules(
            Section vault,
            String url,
            Section rules,
            String vaultUser,
            Secret vaultPassword,
            String adminUser,
            Secret adminPassword) {
        boolean enabled = rules.flag("enabled", true);
        String slot = slot(rules, RULES_SLOT);
        String user = rules.text("user");
        Secret password = rules.secret("password", user == null ? vaultPassword : Secret.NONE);
        rules.done();
        if (enabled) {
            oneHost(vault, url);
        }
        return enabled
                ? new Changes(
                        new ChangeCapture(slot, slot, RuleTables.HEARD, List.of()),
                        user == null ? vaultUser : user,
                        password,
                        adminUser,
                        adminPassword)
                : null;
    }

    /**
     * A target's changes.
     *
     * @param server the section with {@code url}, where they are read
     * @param slots of the targets before, with their lines
     */
    static Changes target(
            Section server,
            String url,
            Section changes,
            String target,
            boolean pool,
            String targetUser,
            Secret targetPassword,
            Map<String, Integer> slots) {
        if (pool) {
            changes.problem(
                    "tables",
                    "cannot be read from PgBouncer",
                    "name them at the target that is the server itself");
        }
        oneHost(server, url);
        Set<String> tables = tables(changes, "tables");
        if (tables.isEmpty() && !pool) {
            changes.problem(
                    "tables",
                    "names no table",
                    "list those whose changes are read, as schema.table");
        }
        Set<String> wholeRows = tables(changes, "whole_rows");
        for (String table : wholeRows) {
            if (!tables.contains(table)) {
                changes.problem(
                        "whole_rows",
                        "names %s, which is not among tables".formatted(table),
                        "list it there as well, or leave it out here");
            }
        }
        String slot = slot(changes, defaultSlot(target));
        Section.Value written = changes.value("slot");
        Integer earlier =
                slots.putIfAbsent(slot, written == null ? changes.line() : written.line());
        if (earlier != null) {
            changes.problem(
                    "slot",
                    "would be %s, as at the target in line %d".formatted(slot, earlier),
                    "give each target a slot of its own");
        }
        String user = changes.text("user");
        Secret password = changes.secret("password", user == null ? targetPassword : Secret.NONE);
        String admin = changes.text("admin_user");
        Secret adminPassword =
                changes.secret("admin_password", admin == null ? password : Secret.NONE);
        changes.done();
        String reader = user == null ? targetUser : user;
        return new Changes(
                new ChangeCapture(slot, slot, List.copyOf(tables), List.copyOf(wholeRows)),
                reader,
                password,
                admin == null ? reader : admin,
                adminPassword);
    }

    /** A slot stands on one server, and what reads it takes one address. */
    private static void oneHost(Section server, String url) {
        if (SEVERAL_HOSTS.matcher(url).find()) {
            server.problem(
                    "url",
                    "has several hosts, but changes are read from one",
                    "name the primary, or an address that follows it");
        }
    }

    private static String defaultSlot(String target) {
        String name = PREFIX + target.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
    }

    private static String slot(Section section, String fallback) {
        Section.Value slot = section.value("slot");
        if (slot == null) {
            return fallback;
        }
        if (!SLOT.matcher(slot.text()).matches()) {
            section.problem(
                    slot,
                    "is not a valid name of a replication slot",
                    "use up to 63 lower-case letters, digits and underscores");
        }
        return slot.text();
    }

    private static Set<String> tables(Section section, String key) {
        List<Section.Value> values = section.values(key);
        Set<String> tables = new LinkedHashSet<>();
        for (Section.Value value : values == null ? new ArrayList<Section.Value>() : values) {
            if (!TABLE.matcher(value.text()).matches()) {
                section.problem(value, "names no schema", "write schema.table");
            } else if (!tables.add(value.text())) {
                section.problem(value, "is listed twice", "leave one of them out");
            }
        }
        return tables;
    }
}
