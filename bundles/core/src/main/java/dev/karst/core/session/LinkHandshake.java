// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.KeyCertificate;
import dev.karst.PeerId;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.world.CoreScope;
import dev.karst.lib.record.Certificates;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.crypto.CryptoProvider.Pattern;
import dev.karst.spi.crypto.Handshake;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The handshake of one epoch on a link: at most one under way. Guarded by the link's monitor.
 *
 * <p>The PeerId is proven by the static key that Noise authenticates and the certificate for it
 * that comes in the sealed payload: {@code PeerId (32) | certificate (104) | suites (1 + n)}.
 */
final class LinkHandshake {
    /** Whom an initiator expects, and the static key it certified. */
    record Expected(PeerId peer, KeyCertificate handshakeKey) {}

    /**
     * Before a path stands: other suites, then XX where IK could not be opened; each INIT costs us
     * curve operations.
     */
    private static final int MOST_INITS = 6;

    private static final long MIN_INTERVAL_NANOS = 20_000_000; // inbound epochs: 50 per second

    /** A rekey that is not answered is tried again after this long, or four round trips. */
    private static final long RETRY_NANOS = 150_000_000;

    private static final long RETRY_UNMEASURED_NANOS = 700_000_000;
    private final Link link;
    private final CompletableFuture<PeerId> first = new CompletableFuture<>();
    private Optional<Expected> expected;
    private ProviderHandle<CryptoProvider> provider;
    private CoreScope scope;
    private Handshake noise;
    private Hello hello;
    private boolean initiating;
    private boolean triedXx;
    private boolean triedSuites;
    private int inits;
    private long lastInit = Long.MIN_VALUE / 2;

    LinkHandshake(Link link, Optional<Expected> expected) {
        this.link = link;
        this.expected = expected;
    }

    /** Completes when the peer of a new link is proven, or with why not. */
    CompletableFuture<PeerId> first() {
        return first;
    }

    /** Sends INIT for this epoch. */
    void initiate(int epoch) {
        if (initiating && hello != null && hello.epoch() == epoch && provider != null) {
            return; // under way
        }
        initiate(epoch, Pattern.IK, List.of());
    }

    private void initiate(int epoch, Pattern pattern, List<Integer> answered) {
        List<ProviderHandle<CryptoProvider>> all = crypto();
        if (all.isEmpty()) {
            if (link.newest() == null) {
                link.fail(Code.NO_PROVIDER, "no crypto provider: install karst-crypto-jca");
            }
            return; // an established link waits for one
        }
        ProviderHandle<CryptoProvider> chosen = null;
        String suite = null;
        List<Integer> offers = new ArrayList<>();
        for (ProviderHandle<CryptoProvider> h : all) {
            for (String s : Suites.of(h)) {
                int code = Hello.code(s);
                if (code == 0 || offers.contains(code)) {
                    continue;
                }
                offers.add(code);
                if (chosen == null && (answered.isEmpty() || answered.contains(code))) {
                    chosen = h;
                    suite = s;
                }
            }
        }
        if (chosen == null) {
            link.fail(Code.INCOMPATIBLE, "no cipher suite in common with the peer");
            return;
        }
        forget();
        boolean ik = pattern == Pattern.IK && expected.isPresent();
        hello =
                new Hello(
                        epoch,
                        ik ? Pattern.IK : Pattern.XX,
                        Hello.FEATURES,
                        attemptBytes(),
                        offers,
                        Hello.code(suite),
                        answered);
        initiating = true;
        try {
            start(
                    chosen,
                    suite,
                    ik ? Optional.of(expected.get().handshakeKey.key()) : Optional.empty());
            byte[] message = noise.write(ik ? payload() : new byte[0]);
            link.sendClear(Hello.join(hello.encode(), message));
            if (link.newest() != null) {
                retryLater(hello);
            }
        } catch (IllegalArgumentException e) {
            // The peer's doing, not the provider's: it certified a key of small order.
            link.owner.counters().add("link.bad-peer-key");
            link.fail(Code.WRONG_KEY, "the peer's key is unusable: " + e.getMessage());
        } catch (Throwable e) {
            crashed("handshake", e);
        }
    }

    /** An INIT for a later epoch may meet a peer that cannot answer just now. */
    private void retryLater(Hello sent) {
        long rtt = link.rttNanos;
        long pause = rtt == 0 ? RETRY_UNMEASURED_NANOS : Math.max(RETRY_NANOS, 4 * rtt);
        link.owner
                .world()
                .after(
                        Duration.ofNanos(pause),
                        () -> {
                            synchronized (link) {
                                if (initiating && hello == sent && !link.isClosed()) {
                                    link.owner.counters().add("link.rekey-retried");
                                    forget();
                                    initiate(link.newest().number + 1 & 0xff);
                                }
                            }
                            link.later(() -> {});
                        });
    }

    private List<ProviderHandle<CryptoProvider>> crypto() {
        PeerId known = link.peer();
        return link.owner.crypto(known != null ? known : expected.map(Expected::peer).orElse(null));
    }

    private void start(ProviderHandle<CryptoProvider> with, String suite, Optional<byte[]> key) {
        provider = with;
        scope = with.scope(link.owner.limits().handshakeTimeout());
        noise =
                with.service()
                        .begin(
                                suite,
                                hello.pattern(),
                                initiating,
                                link.owner.identity().staticKey(),
                                key,
                                hello.prologue(link.binding),
                                scope);
    }

    private byte[] attemptBytes() {
        byte[] out = new byte[16];
        String hex = link.origin.attempt();
        if (hex.length() == 32) {
            return java.util.HexFormat.of().parseHex(hex);
        }
        return out;
    }

    private byte[] payload() {
        List<Integer> suites = Suites.codes(crypto());
        ByteBuffer out = ByteBuffer.allocate(32 + 104 + 1 + suites.size());
        out.put(link.owner.identity().id().bytes());
        Certificates.write(out, link.owner.identity().handshakeCertificate());
        out.put((byte) suites.size());
        suites.forEach(s -> out.put(s.byteValue()));
        return out.array();
    }

    /** A handshake frame came in; {@code frame} begins with its kind. */
    void frame(byte kind, ByteBuffer frame) {
        try {
            switch (kind) {
                case Hello.INIT -> init(frame);
                case Hello.REPLY -> reply(frame);
                case Hello.FINISH -> finish(frame);
                case Hello.REFUSE -> refused(frame);
                default -> {
                    link.owner.counters().add("link.unknown-frame");
                    throw new WireException("not a Karst peer: unknown frame kind " + kind);
                }
            }
        } catch (WireException e) {
            link.owner.counters().add("link.bad-handshake");
            if (link.newest() == null) {
                link.fail(Code.INCOMPATIBLE, "bad handshake: " + e.getMessage());
            }
        } catch (GeneralSecurityException e) {
            link.owner.counters().add("link.handshake-refused");
            if (link.newest() == null) {
                link.fail(Code.WRONG_KEY, "the peer did not prove its key");
            } else {
                forget();
            }
        } catch (Throwable e) {
            crashed("handshake", e);
        }
    }

    private void init(ByteBuffer frame) throws WireException {
        long now = link.owner.world().nanoTime();
        Hello h;
        try {
            h = Hello.decode(frame);
        } catch (WireException e) {
            if ("version".equals(e.getMessage())) {
                link.sendClear(Hello.refuse(0, Hello.NO_VERSION, List.of()));
            }
            throw e;
        }
        boolean later = link.newest() != null;
        if (later && now - lastInit < MIN_INTERVAL_NANOS || !later && link.origin.initiator()) {
            link.owner.counters().add("link.init-refused");
            return;
        }
        if (!later && ++inits > MOST_INITS) {
            link.owner.counters().add("link.init-refused");
            link.fail(Code.INCOMPATIBLE, "the peer began " + inits + " handshakes and ended none");
            return;
        }
        int next = later ? link.newest().number + 1 & 0xff : 0;
        boolean again = later && h.epoch() == link.newest().number; // it never stood there
        if (h.epoch() != next && !again) {
            link.owner.counters().add("link.init-stale");
            return;
        }
        if (initiating && noise != null && controller()) {
            return; // both began at once: the controller's goes on
        }
        lastInit = now;
        List<Integer> mine = Suites.codes(crypto());
        if (mine.isEmpty()) {
            link.sendClear(Hello.refuse(h.epoch(), Hello.NO_CRYPTO, List.of()));
            if (!later) {
                link.fail(Code.NO_PROVIDER, "no crypto provider: install karst-crypto-jca");
            }
            return;
        }
        if (!h.answered().isEmpty() && !h.answered().equals(mine)) {
            link.sendClear(Hello.refuse(h.epoch(), Hello.BAD_OFFER, List.of()));
            throw new WireException("the suites we offered were altered on the way");
        }
        ProviderHandle<CryptoProvider> with = Suites.provider(crypto(), Hello.suite(h.chosen()));
        if (with == null) {
            link.sendClear(Hello.refuse(h.epoch(), Hello.NO_SUITE, mine));
            return; // a second INIT may follow
        }
        respond(h, with, Hello.bytes(frame));
    }

    private void respond(Hello h, ProviderHandle<CryptoProvider> with, byte[] message)
            throws WireException {
        forget();
        hello = h;
        initiating = false;
        start(with, Hello.suite(h.chosen()), Optional.empty());
        byte[] payload;
        try {
            payload = noise.read(message);
        } catch (GeneralSecurityException e) {
            link.sendClear(Hello.refuse(h.epoch(), Hello.CANNOT_OPEN, List.of()));
            link.owner.counters().add("link.cannot-open");
            forget();
            return; // the peer may try XX on the same path
        }
        if (h.pattern() == Pattern.IK && !admit(payload)) {
            return;
        }
        byte[] answer = noise.write(payload());
        link.sendClear(Hello.join(new byte[] {Hello.REPLY, (byte) h.epoch()}, answer));
        if (noise.complete()) {
            Epoch e = epoch();
            link.unproven(e); // an old INIT may be replayed: the first record proves the peer
        }
    }

    private void reply(ByteBuffer frame) throws WireException, GeneralSecurityException {
        if (!initiating || noise == null || !ours(frame)) {
            link.owner.counters().add("link.stray-reply");
            return;
        }
        byte[] payload = noise.read(Hello.bytes(frame));
        PeerId id = identify(payload);
        if (!noise.complete()) {
            byte[] message = noise.write(payload());
            link.sendClear(Hello.join(new byte[] {Hello.FINISH, (byte) hello.epoch()}, message));
        }
        link.proved(id);
        Epoch e = epoch();
        link.stand(e);
        proven();
    }

    private void finish(ByteBuffer frame) throws WireException, GeneralSecurityException {
        if (initiating || noise == null || !ours(frame) || hello.pattern() != Pattern.XX) {
            link.owner.counters().add("link.stray-finish");
            return;
        }
        byte[] payload = noise.read(Hello.bytes(frame));
        if (!admit(payload)) {
            return;
        }
        // Noise XX: message 3 proves the initiator, nothing can be replayed.
        Epoch e = epoch();
        link.stand(e);
        proven();
    }

    private boolean ours(ByteBuffer frame) throws WireException {
        if (frame.remaining() < 2) {
            throw new WireException("cut off");
        }
        frame.get();
        return (frame.get() & 0xff) == hello.epoch();
    }

    private void refused(ByteBuffer frame) throws WireException {
        if (!initiating || noise == null) {
            link.owner.counters().add("link.stray-refuse");
            return;
        }
        byte code;
        List<Integer> suites;
        try {
            frame.get();
            int epoch = frame.get() & 0xff;
            code = frame.get();
            suites = Hello.list(frame);
            if (epoch != hello.epoch() && code != Hello.NO_VERSION) {
                return;
            }
        } catch (BufferUnderflowException e) {
            throw new WireException("REFUSE is cut off");
        }
        int epoch = hello.epoch();
        boolean established = link.newest() != null;
        if (code == Hello.NO_SUITE && !triedSuites && !suites.isEmpty()) {
            triedSuites = true;
            initiate(epoch, hello.pattern(), suites);
        } else if (code == Hello.CANNOT_OPEN && !triedXx && !established) {
            triedXx = true; // the peer renewed its static key: prove the PeerId the long way
            initiate(epoch, Pattern.XX, List.of());
        } else if (established) {
            forget(); // the link stays; a later rekey tries again
            link.owner.counters().add("link.rekey-refused");
        } else {
            link.fail(Refusal.reason(code), "the peer refused: " + Refusal.words(code));
        }
    }

    /** Checks who the payload says it is and whether that peer may come in. */
    private boolean admit(byte[] payload) throws WireException {
        PeerId id;
        try {
            id = identify(payload);
        } catch (GeneralSecurityException e) {
            link.sendClear(Hello.refuse(hello.epoch(), Hello.CANNOT_OPEN, List.of()));
            throw new WireException(e.getMessage());
        }
        PeerId known = link.peer();
        if (known == null && !link.owner.admits(id)) {
            link.owner.counters().add("link.not-admitted");
            link.sendClear(Hello.refuse(hello.epoch(), Hello.NOT_PERMITTED, List.of()));
            link.fail(Code.NOT_PERMITTED, "peer " + id.brief() + " is not admitted");
            return false;
        }
        link.proved(id);
        return true;
    }

    private PeerId identify(byte[] payload) throws WireException, GeneralSecurityException {
        PeerId id;
        KeyCertificate certificate;
        try {
            ByteBuffer in = ByteBuffer.wrap(payload);
            byte[] key = new byte[32];
            in.get(key);
            id = PeerId.of(key);
            certificate = Certificates.read(in);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new WireException("handshake payload is malformed");
        }
        PeerId known = link.peer();
        if (expected.isPresent() && !expected.get().peer.equals(id)
                || known != null && !known.equals(id)) {
            throw new GeneralSecurityException("another peer answered");
        }
        if (!Arrays.equals(certificate.key(), noise.remoteStatic())) {
            throw new GeneralSecurityException("the certificate is for another key");
        }
        boolean checked = expected.isPresent() && expected.get().handshakeKey.equals(certificate);
        if (!checked && !Certificates.valid(id, Certificates.HANDSHAKE, certificate)) {
            throw new GeneralSecurityException("the certificate is not signed by the peer");
        }
        if (id.equals(link.owner.identity().id())) {
            throw new GeneralSecurityException("this is ourselves");
        }
        expected = Optional.of(new Expected(id, certificate));
        return id;
    }

    private Epoch epoch() {
        return new Epoch(hello.epoch(), Hello.suite(hello.chosen()), provider, noise.records());
    }

    private boolean controller() {
        PeerId p = link.peer();
        return p != null && link.owner.identity().id().compareTo(p) < 0;
    }

    /** The handshake went through: nothing of it is kept. */
    void proven() {
        PeerId p = link.peer();
        if (provider != null) {
            provider.score().count(true);
        }
        forget();
        if (p != null) {
            link.later(() -> first.complete(p));
        }
    }

    /** Lets go of the handshake under way. */
    private void forget() {
        noise = null;
        provider = null;
        initiating = false;
        if (scope != null) {
            scope.cancel();
            scope = null;
        }
    }

    void providerLeft(ProviderHandle<CryptoProvider> p) {
        if (provider != p) {
            return;
        }
        boolean again = initiating && link.newest() == null;
        forget();
        if (again) {
            initiate(0);
        }
    }

    private void crashed(String what, Throwable e) {
        ProviderHandle<CryptoProvider> p = provider;
        if (p != null && !p.isGone()) {
            p.crashed(what, e);
        } else {
            dev.karst.core.world.Log.of(LinkHandshake.class)
                    .log(System.Logger.Level.WARNING, "handshake failed", e);
        }
        forget();
        if (link.newest() == null) {
            link.fail(Code.IO, "the handshake failed here: see the log");
        }
    }

    void failed(KarstException why) {
        if (provider != null && !provider.isGone()) {
            provider.score().count(false);
        }
        link.later(() -> first.completeExceptionally(why));
        forget();
    }
}
