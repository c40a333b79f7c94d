// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.karaf.shell.api.console.SessionFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Takes shell commands over a Unix domain socket, at most {@value #MAX_COMMANDS} at once. The one
 * command that it knows itself is {@code stop}: it stops the framework.
 */
@Component(
        service = {},
        configurationPid = "dev.karst.server.exec",
        immediate = true)
@Designate(ocd = ExecSettings.class)
public final class ExecServer {
    static final int MAX_COMMANDS = 8;
    private static final Logger LOG = System.getLogger(ExecServer.class.getName());
    private static final Duration SHELL = Duration.ofSeconds(30);
    private static final long END_MILLIS = 5_000;

    private final Bundle system;
    private final Shell shell;
    private final SocketPlace place;
    private final Thread acceptor;
    private final Map<Integer, Connection> connections = new TreeMap<>();
    private boolean stopped;

    @Activate
    public ExecServer(BundleContext context, ExecSettings settings) throws IOException {
        this.system = context.getBundle(0);
        this.shell = new Shell(SHELL, Shell.karafUser(system));
        this.place = SocketPlace.open(path(context, settings.socket()));
        this.acceptor = new Thread(this::accept, "karst-exec-accept");
        acceptor.start();
    }

    private static Path path(BundleContext context, String configured) {
        if (!configured.isBlank()) {
            return Path.of(configured.trim());
        }
        for (String name : List.of("karaf.base", "karst.base")) {
            String base = context.getProperty(name);
            if (base != null && !base.isBlank()) {
                return Path.of(base, "data", "run", "exec.sock");
            }
        }
        return Path.of("data", "run", "exec.sock");
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindFactory(SessionFactory factory) {
        shell.arrived(factory);
    }

    void unbindFactory(SessionFactory factory) {
        shell.left(factory);
    }

    Path socket() {
        return place.socket();
    }

    @Deactivate
    void stop() throws IOException, InterruptedException {
        List<Connection> open;
        synchronized (connections) {
            stopped = true;
            connections.notifyAll();
            open = List.copyOf(connections.values());
        }
        place.close();
        open.forEach(Connection::interrupt);
        long end = System.nanoTime() + END_MILLIS * 1_000_000;
        acceptor.join(END_MILLIS);
        for (Connection c : open) {
            if (!c.join((end - System.nanoTime()) / 1_000_000)) {
                LOG.log(Level.WARNING, "a shell command does not end: its thread is left behind");
            }
        }
    }

    private void accept() {
        while (true) {
            try {
                take(place.server().accept());
            } catch (ClosedChannelException e) {
                return; // stopped
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cannot take a shell command now: {0}", e.getMessage());
                if (!pause()) {
                    return;
                }
            }
        }
    }

    /** Out of file descriptors, mostly: gives others time to close some. */
    private boolean pause() {
        synchronized (connections) {
            try {
                if (!stopped) {
                    connections.wait(1_000);
                }
                return !stopped;
            } catch (InterruptedException e) {
                return false;
            }
        }
    }

    private void take(SocketChannel channel) throws IOException {
        Connection made = null;
        synchronized (connections) {
            int free = 1;
            while (connections.containsKey(free)) {
                free++;
            }
            if (!stopped && free <= MAX_COMMANDS) {
                int number = free;
                made =
                        new Connection(
                                number, channel, shell, this::stopFramework, () -> ended(number));
                connections.put(number, made);
            }
        }
        if (made != null) {
            made.start();
        } else {
            refuse(channel);
        }
    }

    private void ended(int number) {
        synchronized (connections) {
            connections.remove(number);
        }
    }

    private static void refuse(SocketChannel channel) {
        Frames.Writer frames = new Frames.Writer(channel);
        try (channel;
                PrintStream err =
                        new PrintStream(frames.stream(true), true, StandardCharsets.UTF_8)) {
            err.println(MAX_COMMANDS + " commands are running already: wait for one to end");
            frames.exit(1);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "client left", e);
        }
    }

    private void stopFramework() {
        try {
            LOG.log(Level.INFO, "stopping, as told through the exec socket");
            system.stop();
        } catch (BundleException e) {
            LOG.log(Level.ERROR, "cannot stop", e);
        }
    }
}
