package io.onevault.jobs.alerts.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.onevault.jobs.objects.FactChange;
import io.onevault.jobs.objects.ListChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of changed settings and privileges, and which changes count. */
class ListWordsTest {

    private static final long T0 = 1_800_000_000_000L;

    @ParameterizedTest
    @CsvSource({
        "16384, 8kB, 128MB",
        "4096, kB, 4MB",
        "65537, kB, 65537kB",
        "1, 16MB, 16MB",
        "0, kB, 0",
        "-1, ms, -1",
        "60000, ms, 1min",
        "1500, ms, 1500ms",
        "0.5, ms, 500us",
        "2.5, ms, 2500us",
        "86400, s, 1d",
        "5, min, 5min",
        "7, parsecs, 7parsecs",
        "on, kB, onkB",
        "on, '', on"
    })
    void valuesAreSaidAsTheServerShowsThem(String setting, String unit, String shown) {
        assertThat(SettingWords.readable(setting, unit)).isEqualTo(shown);
    }

    @Test
    void settingsThatChangeTogetherAreOneEvent() {
        List<FoundEvent> found =
                settings(
                        setting("work_mem", "4096", "65536", "kB"),
                        setting("jit", "on", "off", ""),
                        setting("search_path", "", "x".repeat(200), ""),
                        setting("log_statement", "none", "all", ""));
        assertThat(found)
                .containsExactly(
                        new FoundEvent(
                                "shop||settings_changed",
                                Long.toString(T0),
                                T0,
                                4,
                                3_600_000,
                                "work_mem 4MB -> 64MB, jit on -> off, search_path (empty) -> "
                                        + "x".repeat(60)
                                        + "…, 1 other"));
    }

    @Test
    void whatAnExtensionKeepsIsNamedAndNotShown() {
        assertThat(
                        settings(
                                setting("postgis.gdal_vsi_options", "KEY=a", "KEY=b", ""),
                                setting("jit", "on", "off", "")))
                .extracting(FoundEvent::about)
                .containsExactly("postgis.gdal_vsi_options, jit on -> off");
    }

    @Test
    void whatIsNoOtherValueDoesNotCount() {
        Map<String, String> plain = Map.of("setting", "4", "source", "default");
        Map<String, String> written =
                Map.of("setting", "4", "source", "configuration file", "pending_restart", "t");
        assertThat(
                        settings(
                                new FactChange("max_connections", plain, written),
                                new FactChange("auto_explain.log_nested", Map.of(), plain),
                                new FactChange("plpgsql.check_asserts", plain, Map.of()),
                                new FactChange(
                                        "in_hot_standby",
                                        Map.of("setting", "on", "context", "internal"),
                                        Map.of("setting", "off", "context", "internal")),
                                setting("transaction_read_only", "on", "off", ""),
                                setting("archive_command", "(set)", "(set)", "")))
                .isEmpty();
        FactChange one = setting("jit", "on", "off", "");
        ListChange other = new ListChange("shop", "index_definitions", T0, List.of(one));
        List<FoundEvent> found = new ArrayList<>();
        SettingWords.events(other, found::add);
        PrivilegeWords.events(other, found::add);
        assertThat(found).isEmpty();
    }

    @Test
    void aRoleThatGainsPowerIsFoundTwice() {
        List<FoundEvent> found =
                privileges(
                        new FactChange(
                                "role/16390",
                                role("", "t"),
                                role("pg_read_server_files, superuser", "t")),
                        new FactChange(
                                "role/16391", Map.of(), role("bypassrls, replication", "f")));
        assertThat(found)
                .extracting(FoundEvent::series, FoundEvent::count, FoundEvent::about)
                .containsExactly(
                        tuple(
                                "shop||powers_gained|role=16390",
                                1,
                                "role 16390 has gained pg_read_server_files, superuser"),
                        tuple(
                                "shop||powers_gained|role=16391",
                                1,
                                "role 16391 has gained bypassrls, replication"),
                        tuple(
                                "shop||privileges_changed",
                                2,
                                "role 16390: powers none -> pg_read_server_files, superuser;"
                                        + " role 16391 is new"));
    }

    @Test
    void powerThatIsLostAndPrivilegesThatChangeAreNoGain() {
        Map<String, String> hash = Map.of("privileges", "1");
        Map<String, String> another = Map.of("privileges", "2");
        assertThat(about(new FactChange("role/16390", role("superuser", "t"), role("", "f"))))
                .isEqualTo("role 16390: login yes -> no, powers superuser -> none");
        assertThat(about(new FactChange("role/16390", role("superuser", "t"), Map.of())))
                .isEqualTo("role 16390 is gone");
        assertThat(about(new FactChange("relations/a/b", hash, another)))
                .isEqualTo("privileges on relations of schema a/b");
        assertThat(about(new FactChange("functions/public", Map.of(), hash)))
                .isEqualTo("privileges on functions of schema public");
        assertThat(about(new FactChange("schema/public", hash, another)))
                .isEqualTo("privileges on schema public");
        assertThat(about(new FactChange("database/shop", hash, Map.of())))
                .isEqualTo("privileges on database shop");
        assertThat(about(new FactChange("default/10/public/r", hash, another)))
                .isEqualTo("default privileges");
    }

    @Test
    void membershipsAreSaidWithWhatTheyAllow() {
        Map<String, String> plain = Map.of("role", "pg_monitor", "member", "16390", "admin", "f");
        Map<String, String> admin = Map.of("role", "pg_monitor", "member", "16390", "admin", "t");
        assertThat(about(new FactChange("member/3373/16390", Map.of(), plain)))
                .isEqualTo("role 16390 is now member of role pg_monitor");
        assertThat(about(new FactChange("member/3373/16390", plain, admin)))
                .isEqualTo("role 16390 is now member of role pg_monitor: admin no -> yes");
        assertThat(about(new FactChange("member/3373/16390", admin, Map.of())))
                .isEqualTo("role 16390 is no longer member of role pg_monitor");
    }

    @Test
    void whatANewerCollectorAlsoAsksForIsNoChange() {
        Map<String, String> more = Map.of("powers", "", "login", "t", "createdb", "f");
        assertThat(privileges(new FactChange("role/16390", role("", "t"), more))).isEmpty();
    }

    private static String about(FactChange change) {
        List<FoundEvent> found = privileges(change);
        assertThat(found).hasSize(1);
        assertThat(found.get(0).series()).isEqualTo("shop||privileges_changed");
        return found.get(0).about();
    }

    private static Map<String, String> role(String powers, String login) {
        return Map.of("powers", powers, "login", login);
    }

    private static FactChange setting(String name, String before, String after, String unit) {
        return new FactChange(
                name,
                Map.of("setting", before, "unit", unit, "context", "user"),
                Map.of("setting", after, "unit", unit, "context", "user"));
    }

    private static List<FoundEvent> settings(FactChange... changes) {
        List<FoundEvent> found = new ArrayList<>();
        SettingWords.events(new ListChange("shop", "settings", T0, List.of(changes)), found::add);
        return found;
    }

    private static List<FoundEvent> privileges(FactChange... changes) {
        List<FoundEvent> found = new ArrayList<>();
        PrivilegeWords.events(
                new ListChange("shop", "privileges", T0, List.of(changes)), found::add);
        return found;
    }
}
