package io.onevault.jobs.config;

import io.onevault.connectors.polling.Poll;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.capacity.TenantGrowthSettings;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.config.OneVaultConfig.Changes;
import io.onevault.jobs.config.OneVaultConfig.Job;
import io.onevault.jobs.config.OneVaultConfig.Polling;
import io.onevault.jobs.config.OneVaultConfig.StateBackend;
import io.onevault.jobs.config.OneVaultConfig.Target;
import io.onevault.jobs.config.OneVaultConfig.TargetKind;
import io.onevault.jobs.config.OneVaultConfig.Vault;
import io.onevault.jobs.metrics.WindowSettings;
import io.onevault.jobs.vault.Pseudonyms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration and lists everything that is wrong with it. Knows the keys, their ranges
 * and defaults; what they mean stands at {@link OneVaultConfig}.
 */
public final class ConfigReader {

    private static final String EXAMPLE = "see flink-conf/onevault.example.yaml";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");
    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final Duration DAY = Duration.ofDays(1);

    private final UnaryOperator<@Nullable String> environment;

    /**
     * @param environment variable name to value, null when unset
     */
    public ConfigReader(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    /**
     * Reads {@code file}.
     *
     * @throws ConfigException with every problem there is, also when the file cannot be read
     */
    public OneVaultConfig read(Path file) throws ConfigException {
        ProblemList problems = new ProblemList(file.toString());
        String text = content(file, problems);
        YamlNode.Mapping root = text == null ? null : YamlDocument.parse(text, problems);
        if (root == null) {
            throw new ConfigException(problems.inOrder());
        }
        Path folder = file.toAbsolutePath().getParent();
        Interpolation interpolation =
                new Interpolation(environment, folder == null ? Path.of("") : folder);
        Section top = new Section("", root, interpolation, problems);
        Vault vault = vault(top.section("vault"));
        List<Target> targets = targets(top);
        Polling polling = polling(top.section("polling"));
        WindowSettings windows = windows(top.section("windows"));
        TenantGrowthSettings growth = GrowthReader.read(top.section("growth"));
        ForecastSettings forecast =
                ForecastReader.read(
                        top.section("forecast"),
                        windows.size(),
                        targets.stream().map(Target::name).collect(Collectors.toSet()));
        Section locks = top.section("locks");
        Job job = job(top.section("job"));
        Section alerts = top.section("alerts");
        OneVaultConfig.Alerts told = AlertsReader.read(alerts);
        checkTogether(alerts, told.lifecycle().together(), targets);
        if (!told.routing().channels().isEmpty()
                && vault.rules() == null
                && job.capabilities().contains(Capability.ALERTS)) {
            alerts.problem(
                    "channels",
                    "are never used, for no rule is known with vault.rules switched off",
                    "switch vault.rules on, or take the channels out");
        }
        OneVaultConfig config =
                new OneVaultConfig(
                        vault,
                        targets,
                        polling,
                        windows,
                        growth,
                        forecast,
                        LocksReader.read(locks, job.checkpointInterval()),
                        told,
                        job);
        top.done();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems.inOrder());
        }
        return config;
    }

    private static void checkTogether(
            Section alerts, Map<String, String> together, List<Target> targets) {
        Set<String> names = new TreeSet<>();
        targets.forEach(target -> names.add(target.name()));
        together.forEach(
                (target, other) -> {
                    for (String name : List.of(target, other)) {
                        if (!names.contains(name)) {
                            alerts.problem(
                                    "together",
                                    "names %s, which is no target".formatted(name),
                                    Nearest.remedy(name, names));
                        }
                    }
                    if (together.containsKey(other)) {
                        alerts.problem(
                                "together",
                                "has %s on both sides".formatted(other),
                                "name one target for all that belong to it");
                    }
                });
    }

    private static @Nullable String content(Path file, ProblemList problems) {
        try {
            if (Files.isDirectory(file)) {
                problems.add(0, "", "", "is a folder", "name the YAML file in it");
                return null;
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            problems.add(0, "", "", "does not exist", EXAMPLE + " for one to start from");
        } catch (CharacterCodingException e) {
            problems.add(0, "", "", "is not UTF-8", "store it as UTF-8 text");
        } catch (IOException e) {
            problems.add(0, "", "", "cannot be read", "let the user that runs this read it");
        }
        return null;
    }

    private static Vault vault(Section vault) {
        String url = url(vault);
        String user = user(vault);
        Secret password = vault.secret("password", Secret.NONE);
        String admin = vault.text("admin_user");
        Secret adminPassword =
                vault.secret("admin_password", admin == null ? password : Secret.NONE);
        int batch = vault.number("batch_rows", 5_000, 1, 100_000);
        Duration linger =
                vault.duration(
                        "linger", Duration.ofMillis(200), MILLISECOND, Duration.ofMinutes(1));
        // A full buffer must hold at least one batch.
        int capacity = vault.number("capacity_rows", Math.max(batch, 200_000), batch, 10_000_000);
        Changes rules =
                ChangesReader.rules(
                        vault,
                        url,
                        vault.section("rules"),
                        user,
                        password,
                        admin == null ? user : admin,
                        adminPassword);
        Pseudonyms persons = persons(vault.section("persons"));
        vault.done();
        return new Vault(
                url,
                user,
                password,
                admin == null ? user : admin,
                adminPassword,
                batch,
                linger,
                capacity,
                rules,
                persons);
    }

    private static Pseudonyms persons(Section section) {
        Pseudonyms persons =
                new Pseudonyms(
                        section.secret("key", Secret.NONE), section.flag("clear_text", false));
        section.done();
        return persons;
    }

    private static List<Target> targets(Section top) {
        List<Section> sections = top.sections("targets");
        if (sections == null || sections.isEmpty()) {
            top.problem("targets", "names no server", "list at least one; " + EXAMPLE);
            return List.of();
        }
        List<Target> targets = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        Map<String, Integer> slots = new HashMap<>();
        for (Section section : sections) {
            targets.add(target(section, lines, slots));
        }
        return targets;
    }

    private static Target target(
            Section target, Map<String, Integer> lines, Map<String, Integer> slots) {
        target.require("name", "give it one; every series of the server carries it");
        Section.Value name = target.value("name");
        if (name != null) {
            Integer earlier = lines.putIfAbsent(name.text(), name.line());
            if (!NAME.matcher(name.text()).matches()) {
                target.problem(
                        name,
                        "is not a valid name",
                        "use letters, digits, dot, underscore and hyphen only");
            } else if (earlier != null) {
                target.problem(
                        name,
                        "is the name of another target, in line " + earlier,
                        "give each target a name of its own");
            }
        }
        TargetKind kind = target.choice("kind", List.of(TargetKind.values()), TargetKind::key);
        String url = url(target);
        String user = user(target);
        Secret password = target.secret("password", Secret.NONE);
        boolean hostMetrics = target.flag("host_metrics", false);
        Section.Value directory = target.value("data_directory");
        if (directory != null && !isAbsolute(directory.text())) {
            target.problem(directory, "is not an absolute path", "write it from the root on");
        } else if (directory != null && !hostMetrics) {
            target.problem(
                    directory,
                    "has no effect without host_metrics",
                    "set host_metrics: true or leave data_directory out");
        }
        String tenantOfRole = tenantPattern(target, "tenant_of_role");
        String tenantOfSchema = tenantPattern(target, "tenant_of_schema");
        Changes changes =
                target.has("changes")
                        ? ChangesReader.target(
                                target,
                                url,
                                target.section("changes"),
                                name == null ? "" : name.text(),
                                kind == TargetKind.PGBOUNCER,
                                user,
                                password,
                                slots)
                        : null;
        target.done();
        return new Target(
                name == null ? "" : name.text(),
                kind == null ? TargetKind.POSTGRES : kind,
                url,
                user,
                password,
                hostMetrics,
                directory == null ? "" : directory.text(),
                tenantOfRole,
                tenantOfSchema,
                changes);
    }

    /** The server applies it; that it is well-formed and has a group can be seen here already. */
    private static String tenantPattern(Section target, String key) {
        Section.Value value = target.value(key);
        if (value == null) {
            return "";
        }
        try {
            if (Pattern.compile(value.text()).matcher("").groupCount() < 1) {
                target.problem(
                        value,
                        "has no group",
                        "put parentheses around the part that is the tenant, as in ^app_(.+)$");
            }
            com.google.re2j.Pattern.compile(value.text());
        } catch (PatternSyntaxException e) {
            target.problem(
                    value,
                    "is not a regular expression: " + e.getDescription(),
                    "write one whose first group is the tenant, as in ^app_(.+)$");
        } catch (com.google.re2j.PatternSyntaxException e) {
            target.problem(
                    value,
                    "is not supported: " + e.getDescription(),
                    "do without look-around, back-references and large repetitions");
            return "";
        }
        return value.text();
    }

    private static String url(Section server) {
        server.require("url", "write jdbc:postgresql://host:port/database");
        Section.Value url = server.value("url");
        if (url == null) {
            return "";
        }
        JdbcUrl.Fault fault = JdbcUrl.check(url.text().strip());
        if (fault != null) {
            server.problem(url, fault.what(), fault.remedy());
        }
        return url.text().strip();
    }

    private static String user(Section server) {
        server.require("user", "write the login role to connect with");
        return server.text("user", "");
    }

    private static Polling polling(Section polling) {
        Section.Value directory = polling.value("catalogue_directory");
        Set<String> known = knownPolls(polling, directory);
        Map<String, Duration> intervals =
                polling.durations("intervals", known, Duration.ofMillis(100), DAY);
        Set<String> disabled = new LinkedHashSet<>();
        List<Section.Value> names = polling.values("disabled");
        for (Section.Value name : names == null ? List.<Section.Value>of() : names) {
            if (!known.contains(name.text())) {
                polling.problem(name, "is not a poll", Nearest.remedy(name.text(), known));
            } else if (name.text().equals(Poll.TARGET)) {
                polling.problem(
                        name, "cannot be disabled", "take it out; the other polls rely on it");
            } else if (!disabled.add(name.text())) {
                polling.problem(name, "is listed twice", "keep one of them");
            }
        }
        polling.done();
        return new Polling(intervals, disabled, directory == null ? null : directory.text());
    }

    /** Names of the product's polls and the user's own. */
    private static Set<String> knownPolls(Section polling, Section.@Nullable Value directory) {
        PollCatalogue catalogue = PollCatalogue.load();
        if (directory != null && !isDirectory(directory.text())) {
            polling.problem(
                    directory, "is not a folder", "name the folder of your own polls' SQL files");
        } else if (directory != null) {
            try {
                catalogue = catalogue.with(Path.of(directory.text()));
            } catch (IllegalArgumentException | UncheckedIOException e) {
                polling.problem(
                        directory, "holds a poll that cannot be used", "correct " + e.getMessage());
            }
        }
        return catalogue.polls().stream()
                .map(Poll::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static WindowSettings windows(Section windows) {
        WindowSettings defaults = WindowSettings.DEFAULT;
        Duration size =
                windows.duration(
                        "size", defaults.size(), Duration.ofSeconds(1), Duration.ofHours(1));
        Duration lateness = windows.duration("lateness", defaults.lateness(), Duration.ZERO, DAY);
        Duration absentAfter =
                windows.duration("absent_after", defaults.absentAfter(), MILLISECOND, DAY);
        Duration expiry =
                windows.duration("expiry", defaults.expiry(), MILLISECOND, Duration.ofDays(3_650));
        Section.Value written = windows.value("size");
        if (written != null && Duration.ofHours(1).toMillis() % size.toMillis() != 0
                || size.toMillis() % 1_000 != 0) {
            if (written != null) {
                windows.problem(
                        written,
                        "does not divide an hour into whole seconds",
                        "write for example 10s, 30s, 1m, 5m or 15m");
            }
            size = defaults.size();
        }
        if (expiry.compareTo(lateness.plus(absentAfter)) <= 0) {
            windows.problem(
                    "expiry",
                    "is not longer than lateness and absent_after together",
                    "write more than " + Durations.format(lateness.plus(absentAfter)));
            expiry = lateness.plus(absentAfter).plus(DAY);
        }
        windows.done();
        return new WindowSettings(size, lateness, absentAfter, expiry);
    }

    private static Job job(Section job) {
        List<Capability> all = List.of(Capability.values());
        Set<Capability> capabilities = job.choices("capabilities", all, Capability::key);
        if (capabilities != null && capabilities.isEmpty()) {
            job.problem("capabilities", "names none that exists", "leave it out for all");
        }
        Integer parallelism = job.number("parallelism", 1, 32_768);
        Duration interval =
                job.duration(
                        "checkpoint_interval", Duration.ofSeconds(10), Duration.ofMillis(100), DAY);
        String directory = checkpointDirectory(job);
        int retained = job.number("retained_checkpoints", 3, 1, 100);
        StateBackend backend =
                job.choice("state_backend", List.of(StateBackend.values()), StateBackend::key);
        String name = job.text("name", "onevault");
        job.done();
        return new Job(
                capabilities == null ? Set.copyOf(all) : capabilities,
                parallelism,
                interval,
                directory,
                retained,
                backend,
                name);
    }

    /** A URI; an absolute path is turned into one. */
    private static @Nullable String checkpointDirectory(Section job) {
        Section.Value directory = job.value("checkpoint_directory");
        if (directory == null) {
            return null;
        }
        if (isAbsolute(directory.text())) {
            return Path.of(directory.text()).toUri().toString();
        }
        try {
            if (new URI(directory.text()).isAbsolute()) {
                return directory.text();
            }
        } catch (URISyntaxException e) {
            // Said below, for this and for relative paths.
        }
        job.problem(
                directory,
                "is neither an absolute path nor a URI",
                "write for example /var/lib/onevault/checkpoints or s3://bucket/checkpoints");
        return null;
    }

    private static boolean isAbsolute(String path) {
        try {
            return Path.of(path).isAbsolute();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static boolean isDirectory(String path) {
        return isAbsolute(path) && Files.isDirectory(Path.of(path));
    }
}
