// SPDX-License-Identifier: Apache-2.0
package dev.karst.net.netty;

import dev.karst.spi.net.NetDriver;
import io.netty.channel.IoEventLoop;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.nio.channels.SelectableChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;

/**
 * A few event loops; channels are dealt out in turn. The loops stand alone instead of in a group:
 * the end of a group is told on Netty's global executor, whose thread would live on for a second.
 */
@Component(name = "dev.karst.net.netty", service = NetDriver.class, property = "karst.name=netty")
@Designate(ocd = Settings.class)
public final class NettyDriver implements NetDriver {
    private static final int MOST_THREADS = 64;
    private static final long STOP_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final List<IoEventLoop> loops = new ArrayList<>();
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final AtomicInteger next = new AtomicInteger();
    private final Set<NettyDrive> drives = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    @Activate
    public NettyDriver(Settings settings) {
        this(settings.threads());
    }

    /** With so many loops; 0 = the default. */
    public NettyDriver(int threads) {
        int cores = Runtime.getRuntime().availableProcessors();
        int n = threads == 0 ? Math.min(cores, 4) : Math.min(threads, MOST_THREADS);
        for (int i = 1; i <= Math.max(2, n); i++) {
            String name = "karst-net-" + i;
            ThreadFactory threadFactory = r -> thread(name, r);
            loops.add(new SingleThreadIoEventLoop(null, threadFactory, NioIoHandler.newFactory()));
        }
    }

    private Thread thread(String name, Runnable r) {
        Thread t = new FastThreadLocalThread(r, name);
        t.setDaemon(true);
        t.setContextClassLoader(null);
        threads.add(t);
        return t;
    }

    @Override
    public Drive drive(SelectableChannel channel, Readiness readiness) {
        if (stopped) {
            throw new IllegalStateException("the driver is stopped");
        }
        IoEventLoop loop = loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
        NettyDrive drive = new NettyDrive(channel, readiness, loop, drives::remove);
        drives.add(drive);
        drive.begin();
        return drive;
    }

    /** Gives all channels back open, then ends the threads; waits up to two seconds for them. */
    @Deactivate
    public void stop() {
        stopped = true;
        drives.forEach(NettyDrive::release);
        loops.forEach(l -> l.shutdownGracefully(0, 2, TimeUnit.SECONDS));
        long end = System.nanoTime() + STOP_LIMIT_NANOS;
        threads.remove(Thread.currentThread()); // stopped by a task of its own
        try {
            for (Thread t : threads) { // a loop says it is over a little before its thread is
                t.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        drives.forEach(NettyDrive::over); // a selector that is closed holds nothing
    }
}
