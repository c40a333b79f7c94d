// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The helper process of a lab: every uplink with a delay and every userspace router is two TUN
 * devices, one in the router's namespace ({@code wan}) and one in its provider's, and this process
 * between them.
 */
final class Box {

    private static final int MOST_LINES = 20_000;

    private final DelayLine line = new DelayLine();
    private final Map<String, Translator> boxes = new HashMap<>();
    private int lines;

    private Box() {}

    public static void main(String[] words) throws Exception {
        Lab lab = Lab.open(words[0], words[1]);
        Box box = new Box();
        long seed = System.nanoTime();
        box.log("seed " + seed);
        Random seeds = new Random(seed);
        List<Runnable> loops = new ArrayList<>(List.of(box.line));
        for (Site site : lab.plan().sites()) {
            if (site.helped()) {
                NetNs near = lab.ns(site.name());
                NetNs far = lab.ns(site.parent().orElse("inet"));
                await(near);
                await(far);
                Tun inside = near.call(() -> Tun.create("wan"));
                Tun outside = far.call(() -> Tun.create("w-" + site.name()));
                loops.addAll(box.link(lab, site, inside, outside, new Random(seeds.nextLong())));
            }
        }
        loops.forEach(loop -> new Thread(null, loop, "link", 256 * 1024).start());
        Path orders = Files.createDirectory(Routers.orders(lab));
        Files.createFile(Helper.readyFile(lab));
        while (true) {
            box.obey(orders);
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** A file with the name of a site orders a reboot. */
    private void obey(Path orders) throws IOException {
        try (Stream<Path> all = Files.list(orders)) {
            for (Path order : all.toList()) {
                Translator nat = boxes.get(order.getFileName().toString());
                if (nat != null) {
                    synchronized (nat) {
                        nat.reboot();
                    }
                }
                Files.delete(order);
            }
        }
    }

    /** Its name is there a moment before it is a namespace. */
    private static void await(NetNs ns) throws Exception {
        long until = System.nanoTime() + 15_000_000_000L;
        while (true) {
            try {
                if (ns.exists()) {
                    ns.call(() -> null);
                    return;
                }
            } catch (LabException e) {
                if (System.nanoTime() > until) {
                    throw e;
                }
            }
            if (System.nanoTime() > until) {
                throw new LabException("namespace " + ns.name() + " does not come");
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    private synchronized void log(String text) {
        if (lines++ < MOST_LINES) {
            System.out.println(text);
        }
    }

    /**
     * The loops that read the two devices. The router is at the near end: what it decides, it
     * decides there.
     */
    private List<Runnable> link(Lab lab, Site site, Tun inside, Tun outside, Random random)
            throws Exception {
        DelayLine.Way up = line.new Way(site.link(), new Random(random.nextLong()));
        DelayLine.Way down = line.new Way(site.link(), new Random(random.nextLong()));
        if (!site.userspace()) {
            return List.of(
                    loop(inside, p -> up.send(p.limit(), () -> outside.write(p))),
                    loop(outside, p -> down.send(p.limit(), () -> inside.write(p))));
        }
        Translator.Out out =
                new Translator.Out() {
                    @Override
                    public void inside(ByteBuffer packet) {
                        inside.write(packet);
                    }

                    @Override
                    public void outside(ByteBuffer packet) {
                        up.send(packet.limit(), () -> outside.write(packet));
                    }
                };
        Translator nat =
                new Translator(
                        Policies.of(site.kind().orElseThrow()),
                        InetAddress.getByName(lab.plan().wan(site)),
                        random,
                        text -> log(site.name() + " " + text),
                        out);
        boxes.put(site.name(), nat);
        return List.of(
                loop(
                        inside,
                        p -> {
                            if (six(p)) {
                                out.outside(p);
                            } else {
                                synchronized (nat) {
                                    nat.outbound(System.nanoTime(), p);
                                }
                            }
                        }),
                loop(outside, p -> down.send(p.limit(), () -> arrive(nat, inside, p))));
    }

    private static void arrive(Translator nat, Tun inside, ByteBuffer packet) {
        if (six(packet)) {
            inside.write(packet);
        } else {
            synchronized (nat) {
                nat.inbound(System.nanoTime(), packet);
            }
        }
    }

    /** IPv6 is never translated; the router's namespace filters it. */
    private static boolean six(ByteBuffer packet) {
        return packet.limit() > 0 && packet.get(0) >> 4 == 6;
    }

    private interface Handler {
        void packet(ByteBuffer packet);
    }

    private Runnable loop(Tun from, Handler handler) {
        return () -> {
            for (byte[] packet = from.read(); packet != null; packet = from.read()) {
                try {
                    handler.packet(ByteBuffer.wrap(packet));
                } catch (RuntimeException e) {
                    log("packet lost: " + e); // one packet must not end the link
                }
            }
        };
    }
}
