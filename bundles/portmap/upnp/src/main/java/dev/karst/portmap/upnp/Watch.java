// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.UdpSocket;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Hears a gateway leave and come back (UPnP Device Architecture 1.1 sections 1.2, 4.1):
 * ssdp:byebye, the first ssdp:alive after it, and ssdp:alive with another BOOTID.UPNP.ORG are news.
 * Each comes as a burst, one datagram for each device and service: a burst is told once, and no two
 * within {@link #GAP}.
 */
final class Watch {
    static final Duration BURST = Duration.ofMillis(200);
    static final Duration GAP = Duration.ofSeconds(2);

    /** Of other devices in the same box nothing is wanted. */
    private static final List<String> OURS =
            List.of(
                    "device:internetgatewaydevice:",
                    "device:wanconnectiondevice:",
                    "service:wanipconnection:",
                    "service:wanpppconnection:",
                    "service:wanipv6firewallcontrol:");

    private final Control control;
    private final Runnable forgot;
    private final Scope scope;

    // guarded by this
    private String boot;
    private boolean away;
    private boolean closed;
    private Subscription waiting = () -> {};
    private boolean telling;
    private long nextAt;
    private UdpSocket socket;

    private Watch(Control control, Runnable forgot, Scope scope) {
        this.control = control;
        this.forgot = forgot;
        this.scope = scope;
        boot = control.boot();
        nextAt = scope.nanoTime();
    }

    static Subscription open(Control control, SearchPlan plan, Runnable forgot, Scope scope) {
        Watch watch = new Watch(control, forgot, scope);
        boolean v6 = control.gateway().getAddress().length == 16;
        scope.network()
                .joinGroup(plan.news(v6), control.interfaceName())
                .whenComplete(
                        (socket, e) -> {
                            if (e != null) {
                                scope.count("portmap.upnp.not-watched");
                            } else {
                                watch.hear(socket);
                            }
                        });
        return watch::close;
    }

    private void hear(UdpSocket s) {
        synchronized (this) {
            if (closed) {
                s.close();
                return;
            }
            socket = s;
        }
        s.start(this::datagram);
    }

    void datagram(InetSocketAddress from, ByteBuffer bytes) {
        boolean gateway =
                Literals.same(from.getAddress(), control.gateway())
                        || Literals.same(from.getAddress(), control.url().host());
        // miniupnpd says good-bye from its link-local address only, whatever it answered from
        boolean near = from.getAddress() instanceof Inet6Address a && a.isLinkLocalAddress();
        SsdpMessage m = gateway || near ? SsdpMessage.parse(bytes).orElse(null) : null;
        if (m == null || m.answer() || !(itself(m) || gateway && concerns(m))) {
            return; // the group is full of others, and of their questions
        }
        synchronized (this) {
            switch (m.header("nts").toLowerCase(Locale.ROOT)) {
                case "ssdp:byebye" -> {
                    if (!away) {
                        away = true;
                        news();
                    }
                }
                case "ssdp:alive" -> {
                    boolean restarted =
                            !m.boot().isEmpty() && !boot.isEmpty() && !m.boot().equals(boot);
                    if (!m.boot().isEmpty()) {
                        boot = m.boot();
                    }
                    if (away || restarted) {
                        away = false;
                        news();
                    }
                }
                case "ssdp:update" -> { // another number, but no restart
                    if (m.boot().equals(boot) && !m.nextBoot().isEmpty()) {
                        boot = m.nextBoot();
                    }
                }
                default -> {}
            }
        }
    }

    private boolean itself(SsdpMessage m) {
        return !control.uuid().isEmpty() && control.uuid().equalsIgnoreCase(m.uuid());
    }

    private static boolean concerns(SsdpMessage m) {
        String type = m.header("nt").toLowerCase(Locale.ROOT);
        return OURS.stream().anyMatch(type::contains);
    }

    /** Holding the lock. */
    private void news() {
        if (telling || closed) {
            return;
        }
        telling = true;
        long wait = Math.max(BURST.toNanos(), nextAt - scope.nanoTime());
        waiting = scope.after(Duration.ofNanos(wait), this::tell);
    }

    private void tell() {
        synchronized (this) {
            if (closed) {
                return;
            }
            telling = false;
            nextAt = scope.nanoTime() + GAP.toNanos();
        }
        forgot.run();
    }

    private void close() {
        UdpSocket s;
        Subscription w;
        synchronized (this) {
            closed = true;
            s = socket;
            w = waiting;
        }
        w.close();
        if (s != null) {
            s.close();
        }
    }
}
