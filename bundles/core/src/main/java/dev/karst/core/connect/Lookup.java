// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.core.Counters;
import dev.karst.core.registry.Detached;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.CoreScope;
import dev.karst.core.world.World;
import dev.karst.lib.record.PeerRecord;
import dev.karst.spi.directory.PeerDirectory;
import dev.karst.spi.directory.PeerDirectory.Listing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Asks all directories for a peer; of the genuine answers the highest number holds. */
public final class Lookup {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** After a first answer the others get this long to bring a newer one. */
    private static final Duration GRACE = Duration.ofMillis(100);

    private final World world;
    private final ProviderRegistry registry;
    private final AddressBook book;
    private final Counters counters;

    public Lookup(World world, ProviderRegistry registry, AddressBook book, Counters counters) {
        this.world = world;
        this.registry = registry;
        this.book = book;
        this.counters = counters;
    }

    /** Completes with the address, or fails with NOT_FOUND. */
    CompletableFuture<PeerAddress> find(PeerId peer, ReportBuilder.Line line) {
        Run run = new Run(peer, line);
        run.start();
        return run.result;
    }

    /** One look-up. */
    private final class Run {
        final PeerId peer;
        final ReportBuilder.Line line;
        final CompletableFuture<PeerAddress> result = new CompletableFuture<>();
        private PeerAddress best;
        private long bestNumber = -1;
        private int open;

        Run(PeerId peer, ReportBuilder.Line line) {
            this.peer = peer;
            this.line = line;
        }

        void start() {
            List<ProviderHandle<PeerDirectory>> all = registry.usable(PeerDirectory.class);
            open = all.size();
            if (all.isEmpty()) {
                result.completeExceptionally(
                        new KarstException(
                                Code.NOT_FOUND,
                                "no directory installed: use the peer's address, or install"
                                        + " karst-directory-mqtt"));
            }
            for (ProviderHandle<PeerDirectory> d : all) {
                CoreScope scope = d.scope(LIMIT);
                d.<List<Listing>>call("lookup", scope, LIMIT, (p, s) -> p.lookup(peer, s))
                        .whenComplete(
                                (found, e) -> {
                                    scope.cancel();
                                    if (e == null && found == null) {
                                        d.note("lookup gave null");
                                    } else if (e != null) {
                                        line.evidence(d.ref() + ": " + Detached.text(e));
                                    } else {
                                        found.forEach(l -> take(d, l));
                                        if (found.isEmpty()) {
                                            line.evidence(d.ref() + " does not know the peer");
                                        }
                                    }
                                    answered();
                                });
            }
        }

        private void take(ProviderHandle<?> from, Listing l) {
            long number;
            PeerAddress a;
            if (l.record().isPresent()) {
                try {
                    PeerRecord r = PeerRecord.verify(l.record().get());
                    number = r.number();
                    a = r.address();
                } catch (IllegalArgumentException e) {
                    counters.add("directory.bad-record");
                    line.evidence(from.ref() + " has a bad record: " + e.getMessage());
                    return;
                }
            } else {
                number = 0;
                a = l.address().orElseThrow();
            }
            if (!a.id().equals(peer) || !book.learnIfGenuine(a)) {
                counters.add("directory.bad-record");
                line.evidence(from.ref() + " has a record that is not the peer's");
                return;
            }
            line.evidence(from.ref() + " knows the peer");
            synchronized (this) {
                if (number > bestNumber) {
                    bestNumber = number;
                    best = a;
                }
            }
        }

        private void answered() {
            boolean last;
            boolean have;
            synchronized (this) {
                last = --open == 0;
                have = best != null;
            }
            if (last) {
                finish();
            } else if (have) {
                world.after(GRACE, this::finish);
            }
        }

        private void finish() {
            PeerAddress a;
            synchronized (this) {
                a = best;
            }
            if (a != null) {
                result.complete(a);
            } else {
                result.completeExceptionally(
                        new KarstException(
                                Code.NOT_FOUND,
                                "no directory knows "
                                        + peer.brief()
                                        + ": is it online? Otherwise use its address (karst1. ...)"));
            }
        }
    }
}
