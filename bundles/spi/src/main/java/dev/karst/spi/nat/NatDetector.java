// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.nat;

import dev.karst.spi.Scope;
import dev.karst.spi.net.UdpSocket;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Learns what stands between this node and the Internet. Called by the core on a thread of the
 * provider: when the node starts, when the network changed, and when an operator asks. Service
 * property: {@code karst.name}.
 */
@ConsumerType
public interface NatDetector {
    /**
     * Finds out, for the address family of the socket.
     *
     * @param shared the very socket that payload will use: mapping and filtering must be learnt on
     *     it, the rest on sockets of its own. Through it a detector may send STUN requests only,
     *     and is told exactly the answers to them, by transaction id and from whatever address they
     *     come. It is not to be closed.
     * @param later told what was learnt after the stage completed, such as the mapping lifetime:
     *     the whole again, until the scope is cancelled. Never call it after that.
     * @param scope ends when the network changed or the provider leaves; its deadline does not bind
     *     what is told {@code later}
     * @return completes within seconds, with {@link Behavior#BLOCKED} for a protocol that does not
     *     pass while another does; fails with a {@link dev.karst.KarstException} that says what to
     *     do: UNREACHABLE where nobody answers at all, CONFIGURATION where there is nobody to ask
     */
    CompletionStage<NatBehavior> detect(
            UdpSocket shared, Consumer<? super NatBehavior> later, Scope scope);
}
