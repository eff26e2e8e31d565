package io.onevault.connectors.polling.host;

import io.onevault.connectors.polling.Reading;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.CentralProcessor.TickType;
import oshi.hardware.GlobalMemory;
import oshi.hardware.HWDiskStore;
import oshi.hardware.HardwareAbstractionLayer;

/**
 * CPU, memory, swap, disk I/O and the space of one file system of this machine.
 *
 * <p>CPU and I/O come as cumulative figures since boot, so that the pipeline forms rates over its
 * own windows and a missed read loses nothing. What the platform does not tell is left out.
 */
public final class HostProbe {

    private static final Logger LOG = LoggerFactory.getLogger(HostProbe.class);
    private static final double PERCENT = 100;

    private @Nullable SystemInfo system;
    private boolean directoryMissing;

    /** When the machine booted, milliseconds since the epoch. */
    public long bootMillis() {
        return system().getOperatingSystem().getSystemBootTime() * 1_000;
    }

    /**
     * Reads everything now.
     *
     * @param dataDirectory whose file system's space is read; empty for none
     */
    public List<Reading> read(String dataDirectory) {
        HardwareAbstractionLayer hardware = system().getHardware();
        List<Reading> readings = new ArrayList<>();
        processor(hardware.getProcessor(), readings);
        memory(hardware.getMemory(), readings);
        disks(hardware.getDiskStores(), readings);
        space(dataDirectory, readings);
        return readings;
    }

    /** Lets go of the library's caches. */
    public void forget() {
        system = null;
    }

    private SystemInfo system() {
        SystemInfo known = system;
        if (known == null) {
            known = new SystemInfo();
            system = known;
        }
        return known;
    }

    private static void processor(CentralProcessor processor, List<Reading> out) {
        long[] ticks = processor.getSystemCpuLoadTicks();
        long total = 0;
        for (long tick : ticks) {
            total += tick;
        }
        long waiting = ticks[TickType.IOWAIT.getIndex()];
        long busy = total - ticks[TickType.IDLE.getIndex()] - waiting;
        out.add(new Reading("cpu_usage_pct", Map.of(), PERCENT * busy, total));
        out.add(new Reading("cpu_iowait_pct", Map.of(), PERCENT * waiting, total));
        double load = processor.getSystemLoadAverage(1)[0];
        if (load >= 0) {
            out.add(Reading.of("load_average_1m", Map.of(), load));
            out.add(
                    Reading.of(
                            "load_per_cpu",
                            Map.of(),
                            load / Math.max(1, processor.getLogicalProcessorCount())));
        }
    }

    private static void memory(GlobalMemory memory, List<Reading> out) {
        double total = memory.getTotal();
        double available = memory.getAvailable();
        out.add(Reading.of("memory_total_bytes", Map.of(), total));
        out.add(Reading.of("memory_available_bytes", Map.of(), available));
        out.add(Reading.of("memory_usage_pct", Map.of(), PERCENT * (total - available) / total));
        double swap = memory.getVirtualMemory().getSwapTotal();
        double used = memory.getVirtualMemory().getSwapUsed();
        out.add(Reading.of("swap_used_bytes", Map.of(), used));
        out.add(Reading.of("swap_usage_pct", Map.of(), swap > 0 ? PERCENT * used / swap : 0));
    }

    private static void disks(List<HWDiskStore> disks, List<Reading> out) {
        for (HWDiskStore disk : disks) {
            Map<String, String> labels = Map.of("device", disk.getName());
            out.add(Reading.of("disk_read_bytes", labels, disk.getReadBytes()));
            out.add(Reading.of("disk_write_bytes", labels, disk.getWriteBytes()));
            out.add(Reading.of("disk_reads", labels, disk.getReads()));
            out.add(Reading.of("disk_writes", labels, disk.getWrites()));
            // Milliseconds busy in a second, tenfold, are a percentage.
            out.add(Reading.of("disk_busy_pct", labels, disk.getTransferTime() / 10.0));
        }
    }

    private void space(String dataDirectory, List<Reading> out) {
        if (dataDirectory.isEmpty()) {
            return;
        }
        try {
            FileStore store = Files.getFileStore(Path.of(dataDirectory));
            double total = store.getTotalSpace();
            double used = total - store.getUnallocatedSpace();
            double usable = store.getUsableSpace();
            // As df: what only root may use counts neither as used nor as free.
            Map<String, String> labels = Map.of("directory", dataDirectory);
            out.add(Reading.of("disk_total_bytes", labels, total));
            out.add(Reading.of("disk_used_bytes", labels, used));
            out.add(Reading.of("disk_free_bytes", labels, usable));
            out.add(Reading.of("disk_usage_pct", labels, PERCENT * used / (used + usable)));
            directoryMissing = false;
        } catch (IOException e) {
            if (!directoryMissing) {
                LOG.warn(
                        "no disk space figures: {} cannot be read here; set dataDirectory, or run"
                                + " the collector on the database's host",
                        dataDirectory,
                        e);
                directoryMissing = true;
            }
        }
    }
}
