package io.onevault.jobs.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ConfigurationUtils;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/**
 * A standalone Flink cluster of separate processes on loopback: a ZooKeeper peer, a JobManager and
 * TaskManagers, each started as Flink's own scripts would, and Flink's command line as client.
 *
 * <p>The class path of the processes is what Flink's distribution holds, without a class of this
 * project, so that a submitted jar has to bring everything itself. The configuration is the
 * project's {@code flink-conf/config.yaml} with ports, folders, sizes and waits of a test. Job
 * metadata of high availability lies in files; Flink has no such service that needs nothing but
 * files, so a ZooKeeper of one peer points to them.
 *
 * <p>Not thread-safe. No process outlives {@link #close} or this JVM.
 */
final class StandaloneCluster implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(90);

    /** The processes live for minutes on few cores: what they run is compiled only once. */
    private static final List<String> SHORT_LIVED =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");
    private static final Pattern SAVEPOINT = Pattern.compile("Savepoint completed. Path: (\\S+)");

    private final Path configurationFolder;
    private final Path storage;
    private final Path logs;
    private final Configuration configuration;
    private final String classPath = FlinkDistribution.classPath();
    private final Map<String, ClusterProcess> taskManagers = new HashMap<>();
    private final List<ClusterProcess> all = new ArrayList<>();
    private final Thread killer = new Thread(this::killAll, "cluster-killer");
    private ClusterProcess jobManager;
    private int restPort;
    private int taskManagersStarted;
    private int started;

    private StandaloneCluster(Path work, Path projectConfiguration, Path logs) throws Exception {
        this.configurationFolder = Files.createDirectories(work.resolve("conf"));
        this.storage = Files.createDirectories(work.resolve("storage"));
        this.logs = emptied(logs);
        Files.copy(
                projectConfiguration.resolve("log4j2.properties"),
                configurationFolder.resolve("log4j2.properties"));
        int zooKeeperPort = freePort();
        this.configuration = ClusterSettings.of(projectConfiguration, storage, zooKeeperPort);
        Files.write(
                configurationFolder.resolve("config.yaml"),
                ConfigurationUtils.convertConfigToWritableLines(configuration, true));
        Runtime.getRuntime().addShutdownHook(killer);
        startZooKeeper(work.resolve("zookeeper"), zooKeeperPort);
    }

    /**
     * Starts a cluster and waits until it is complete.
     *
     * @param work an empty folder for configuration, checkpoints and savepoints
     * @param projectConfiguration the folder {@code flink-conf}
     * @param logs where each process leaves {@code <name>.log} and {@code <name>.out}
     */
    static StandaloneCluster start(
            Path work, Path projectConfiguration, Path logs, int taskManagers) throws Exception {
        StandaloneCluster cluster = new StandaloneCluster(work, projectConfiguration, logs);
        try {
            cluster.startJobManager();
            for (int i = 0; i < taskManagers; i++) {
                cluster.startTaskManager();
            }
            cluster.awaitTaskManagers(taskManagers);
            return cluster;
        } catch (Exception | Error e) {
            cluster.close();
            throw e;
        }
    }

    /** The JobManager's REST interface; a restarted JobManager has another. */
    FlinkRest rest() {
        return new FlinkRest(restPort);
    }

    /** What the job waits before a restart. */
    Duration restartDelay() {
        return ClusterSettings.RESTART_DELAY;
    }

    /** Submits {@code jar} by {@code flink run -d} and returns the job's id. */
    String submit(Path jar, String mainClass, Path jobConfiguration) {
        return jobId(
                command(
                        "run",
                        "-d",
                        "-c",
                        mainClass,
                        jar.toString(),
                        "--config",
                        jobConfiguration.toString()));
    }

    /** Submits {@code jar} by {@code flink run -d -s savepoint} and returns the job's id. */
    String resume(String savepoint, Path jar, String mainClass, Path jobConfiguration) {
        return jobId(
                command(
                        "run",
                        "-d",
                        "-s",
                        savepoint,
                        "-c",
                        mainClass,
                        jar.toString(),
                        "--config",
                        jobConfiguration.toString()));
    }

    /** Ends {@code job} by {@code flink stop} and returns the savepoint's path. */
    String stopWithSavepoint(String job) {
        return savepoint(command("stop", "--savepointPath", folder("savepoints"), job));
    }

    /** Ends {@code job} as {@code flink stop --drain} does, without a process for the command. */
    void drain(String job) throws Exception {
        String request = rest().drain(job, folder("savepoints"));
        Await.until("the end of the job", COMMAND_LIMIT, () -> rest().isDrained(job, request));
    }

    /** Starts a TaskManager without waiting for it. */
    void startTaskManager() {
        TaskExecutorProcessSpec memory =
                TaskExecutorProcessUtils.processSpecFromConfig(configuration);
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("--configDir", configurationFolder.toString()));
        arguments.addAll(split(TaskExecutorProcessUtils.generateDynamicConfigsStr(memory)));
        String id = "taskmanager-" + ++taskManagersStarted;
        arguments.addAll(List.of("-D", "taskmanager.resource-id=" + id));
        taskManagers.put(
                id,
                start(
                        id,
                        split(ProcessMemoryUtils.generateJvmParametersStr(memory)),
                        "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                        arguments));
    }

    /** Waits until {@code number} TaskManagers are registered. */
    void awaitTaskManagers(int number) throws Exception {
        Await.until(
                number + " TaskManagers; see " + logs,
                START_LIMIT,
                () -> rest().taskManagers() == number);
    }

    /** Kills the TaskManager of that resource id with SIGKILL. */
    void killTaskManager(String id) {
        taskManagers.remove(id).kill();
    }

    /** Kills the JobManager with SIGKILL. */
    void killJobManager() {
        jobManager.kill();
    }

    /** Starts a JobManager without waiting for it. */
    void startJobManager() throws IOException {
        restPort = freePort();
        // The JobManager's share of its process size, without the scripts' larger minima.
        jobManager =
                start(
                        "jobmanager",
                        List.of("-Xmx224m", "-XX:MaxMetaspaceSize=160m"),
                        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                        List.of(
                                "--configDir",
                                configurationFolder.toString(),
                                "-D",
                                "rest.port=" + restPort));
    }

    @Override
    public void close() {
        killAll();
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException e) {
            // The JVM is ending and runs the hook, which finds nothing left.
            return;
        }
    }

    private synchronized void killAll() {
        all.stream().filter(ClusterProcess::isAlive).forEach(ClusterProcess::kill);
    }

    private void startZooKeeper(Path data, int port) throws IOException {
        Path file = configurationFolder.resolve("zoo.cfg");
        Files.write(
                file,
                List.of(
                        "dataDir=" + data,
                        "clientPort=" + port,
                        "clientPortAddress=127.0.0.1",
                        "tickTime=500",
                        "admin.enableServer=false"));
        start(
                "zookeeper",
                List.of("-Xmx64m"),
                "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer",
                List.of("--zkConfigFile", file.toString(), "--peerId", "1"));
    }

    private String command(String... arguments) {
        ClusterProcess client =
                start(
                        "client",
                        List.of("-Xmx256m"),
                        "org.apache.flink.client.cli.CliFrontend",
                        List.of(arguments));
        int code = client.awaitEnd(COMMAND_LIMIT);
        if (code != 0) {
            throw new AssertionError(
                    "flink "
                            + String.join(" ", arguments)
                            + " ended with "
                            + code
                            + ":\n"
                            + client.output());
        }
        return client.output();
    }

    private synchronized ClusterProcess start(
            String role, List<String> jvm, String mainClass, List<String> arguments) {
        String name = "%02d-%s".formatted(++started, role);
        List<String> options = new ArrayList<>(SHORT_LIVED);
        options.addAll(jvm);
        options.addAll(split(configuration.get(CoreOptions.FLINK_JVM_OPTIONS)));
        options.add("-Dlog.file=" + logs.resolve(name + ".log"));
        options.add(
                "-Dlog4j.configurationFile=" + configurationFolder.resolve("log4j2.properties"));
        options.addAll(List.of("-cp", classPath));
        ClusterProcess process =
                ClusterProcess.start(
                        name,
                        options,
                        mainClass,
                        arguments,
                        Map.of("FLINK_CONF_DIR", configurationFolder.toString()),
                        logs);
        all.add(process);
        return process;
    }

    private String folder(String name) {
        return ClusterSettings.folder(storage, name);
    }

    private static List<String> split(String options) {
        return Stream.of(options.trim().split("\\s+")).filter(o -> !o.isEmpty()).toList();
    }

    private static String jobId(String output) {
        return find(JOB_ID, output);
    }

    private static String savepoint(String output) {
        return find(SAVEPOINT, output);
    }

    private static String find(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new AssertionError("no '" + pattern + "' in:\n" + output);
        }
        return matcher.group(1);
    }

    /** The folder without the logs of an earlier run. */
    private static Path emptied(Path logs) throws IOException {
        Files.createDirectories(logs);
        try (Stream<Path> earlier = Files.list(logs)) {
            for (Path file : earlier.toList()) {
                Files.delete(file);
            }
        }
        return logs;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
