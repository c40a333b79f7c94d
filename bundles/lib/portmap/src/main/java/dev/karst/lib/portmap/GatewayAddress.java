// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.spi.Scope;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/**
 * A gateway's address as text and back. A link-local one (fe80::1) means nothing without its
 * interface, which is written behind it: {@code fe80::1%eth0}.
 */
public final class GatewayAddress {
    /** The key in the state of gateways and leases. */
    public static final String KEY = "gateway";

    private static final Pattern LITERAL =
            Pattern.compile(
                    "[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%[^%\\s]+)?");

    private GatewayAddress() {}

    /** The text of a router that is behind that interface. */
    public static String text(InetAddress router, String interfaceName) {
        String text = router.getHostAddress();
        boolean zone = text.indexOf('%') >= 0;
        return router instanceof Inet6Address && router.isLinkLocalAddress() && !zone
                ? text + "%" + interfaceName
                : text;
    }

    /**
     * The address in a state.
     *
     * @return fails with {@link KarstException}
     */
    public static CompletionStage<InetAddress> of(Map<String, String> state, Scope scope) {
        return parse(state.getOrDefault(KEY, ""), scope);
    }

    /** The address of a text; never asks DNS. */
    public static CompletionStage<InetAddress> parse(String text, Scope scope) {
        if (!LITERAL.matcher(text).matches()) {
            return CompletableFuture.failedStage(
                    new KarstException(Code.CONFIGURATION, "no gateway's address: " + text));
        }
        return scope.network()
                .resolve(text)
                .handle(
                        (all, e) -> {
                            if (e != null) {
                                throw new KarstException(
                                        Code.IO, "no such address here: " + text, e);
                            }
                            return all.get(0);
                        });
    }
}
