package io.onevault.jobs.local;

import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A Flink cluster of one process, with its web interface on a free loopback port where the class
 * path holds it. Everything it writes stays below its work folder.
 */
public final class LocalFlink implements AutoCloseable {

    private static final int SLOTS = 4;

    private final MiniCluster cluster;
    private final Path workFolder;

    private LocalFlink(MiniCluster cluster, Path workFolder) {
        this.cluster = cluster;
        this.workFolder = workFolder;
    }

    /**
     * Starts the cluster.
     *
     * @param workFolder for checkpoints, savepoints and temporary files
     */
    public static LocalFlink start(Path workFolder) throws Exception {
        return start(workFolder, new Configuration());
    }

    /**
     * Starts the cluster.
     *
     * @param workFolder for checkpoints, savepoints and temporary files
     * @param further settings of Flink, which those of this class override
     */
    public static LocalFlink start(Path workFolder, Configuration further) throws Exception {
        Configuration configuration = new Configuration(further);
        configuration.set(CoreOptions.TMP_DIRS, workFolder.resolve("tmp").toString());
        configuration.set(
                BlobServerOptions.STORAGE_DIRECTORY, workFolder.resolve("blobs").toString());
        configuration.set(WebOptions.TMP_DIR, workFolder.resolve("web").toString());
        configuration.set(RestOptions.ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_PORT, "0");
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                workFolder.resolve("checkpoints").toUri().toString());
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(64));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
        MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(SLOTS)
                                .build());
        cluster.start();
        return new LocalFlink(cluster, workFolder);
    }

    /** Where the web interface and the REST API answer. */
    public URI webAddress() throws InterruptedException, ExecutionException {
        return cluster.getRestAddress().get();
    }

    /** Submits what was composed in {@code env}. */
    public JobID submit(StreamExecutionEnvironment env)
            throws InterruptedException, ExecutionException {
        return cluster.submitJob(env.getStreamGraph().getJobGraph()).get().getJobID();
    }

    public JobStatus status(JobID job) throws InterruptedException, ExecutionException {
        return cluster.getJobStatus(job).get();
    }

    /** Waits until the job ends, however it ends. */
    public JobStatus awaitEnd(JobID job) throws InterruptedException, ExecutionException {
        return JobStatus.valueOf(
                cluster.requestJobResult(job)
                        .get()
                        .getJobStatus()
                        .map(Enum::name)
                        .orElse("FAILED"));
    }

    /**
     * Closes every open window, writes what waits and ends the job.
     *
     * @throws TimeoutException when it takes longer than {@code seconds}
     */
    public void drain(JobID job, long seconds)
            throws InterruptedException, ExecutionException, TimeoutException {
        cluster.stopWithSavepoint(
                        job,
                        workFolder.resolve("savepoints").toUri().toString(),
                        true,
                        SavepointFormatType.CANONICAL)
                .get(seconds, TimeUnit.SECONDS);
    }

    public void cancel(JobID job) throws InterruptedException, ExecutionException {
        cluster.cancelJob(job).get();
    }

    @Override
    public void close() throws Exception {
        cluster.close();
    }
}
