// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.IpAddresses;
import dev.karst.nat.stun.Question.Pace;
import dev.karst.nat.stun.Question.What;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The servers: looks them up and asks each once, from the shared socket, all at the same time. Who
 * is slow or dead delays nothing that others can tell.
 */
final class Servers {
    /** Five times within half a second; who then keeps silent for another is not there. */
    private static final Pace FIRST = new Pace(5, 120_000_000, 1, 600_000_000);

    private static final long LOOKUP = 2_000_000_000L;

    /** How long after the first answer the others have time to come: that, or two round trips. */
    private static final long GRACE = 250_000_000;

    /** How long the only servers that can tell about filtering are waited for. */
    private static final long LONG_GRACE = 600_000_000;

    private final Run run;
    private final List<ServerName> names;
    private final Told told;
    private final Votes votes = new Votes();
    private final Set<InetSocketAddress> addresses = new HashSet<>();
    private final List<Question> asked = new ArrayList<>();
    private StunSocket shared;
    private int resolving;
    private boolean late;
    private boolean veryLate;

    /**
     * Who is told.
     *
     * @param found of a server with an address
     * @param answered of one that answered
     * @param changed when anything did
     */
    record Told(Consumer<Server> found, Consumer<Server> answered, Runnable changed) {}

    Servers(Run run, List<ServerName> names, Told told) {
        this.run = run;
        this.names = names;
        this.told = told;
    }

    /** What they see of the shared socket. */
    Votes votes() {
        return votes;
    }

    /** Whether no more will answer, or they have had the time to. */
    boolean settled() {
        return late || last();
    }

    /** Whether no more will answer, or they have had a long time to. */
    boolean last() {
        return veryLate || resolving == 0 && asked.stream().allMatch(Question::over);
    }

    /** Whether there is anybody to ask. */
    boolean nobody() {
        return resolving == 0 && asked.isEmpty();
    }

    void begin(StunSocket socket) {
        shared = socket;
        resolving = names.size();
        names.forEach(this::resolve);
    }

    private void resolve(ServerName name) {
        boolean[] done = {false};
        run.after(LOOKUP, () -> resolved(name, List.of(), done));
        run.then(
                run.scope().network().resolve(name.host()),
                (found, e) -> resolved(name, e == null ? found : List.of(), done));
    }

    private void resolved(ServerName name, List<InetAddress> found, boolean[] done) {
        if (done[0]) {
            return;
        }
        done[0] = true;
        resolving--;
        Optional<InetSocketAddress> address =
                found.stream()
                        .filter(ip -> Addresses.sameFamily(ip, run.bind()))
                        .map(ip -> new InetSocketAddress(ip, name.port()))
                        .filter(Addresses::isUnicast)
                        .findFirst();
        if (address.isEmpty()) {
            run.say(name + (found.isEmpty() ? " has no address" : " is of the other family"));
        } else if (addresses.add(address.get())) {
            ask(new Server(name, address.get()));
        }
        told.changed().run();
    }

    private void ask(Server s) {
        asked.add(shared.ask(What.binding(s.address()), FIRST, a -> answered(s, a)));
        told.found().accept(s);
    }

    private void answered(Server s, Optional<Answer> answer) {
        if (answer.isEmpty() || answer.get().error()) {
            run.say(s + (answer.isEmpty() ? " does not answer" : " answers with an error"));
        } else {
            Answer a = answer.get();
            s.measured(a.rtt());
            if (votes.isEmpty()) {
                long grace = Math.max(GRACE, 2 * a.rtt());
                run.after(grace, this::late);
                run.after(Math.max(LONG_GRACE, 2 * grace), this::veryLate);
            }
            votes.put(s, a.mapped().get());
            other(s, a);
            told.answered().accept(s);
        }
        told.changed().run();
    }

    private void other(Server s, Answer a) {
        Optional<InetSocketAddress> other = a.other();
        if (other.isPresent() && Addresses.mayBeOtherOf(s.address(), other.get())) {
            s.other(other.get());
        } else if (other.isPresent()) {
            run.say(s + " names an impossible other address " + IpAddresses.text(other.get()));
            run.scope().count("nat.bad-other-address");
        }
    }

    private void late() {
        late = true;
        told.changed().run();
    }

    private void veryLate() {
        veryLate = true;
        told.changed().run();
    }
}
