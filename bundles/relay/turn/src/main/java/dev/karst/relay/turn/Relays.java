// SPDX-License-Identifier: Apache-2.0
package dev.karst.relay.turn;

import dev.karst.spi.Scope;
import dev.karst.spi.net.TlsOptions;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.relay.RelaySocket;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Some relays; keeps nothing. */
final class Relays implements RelayProvider {
    private final List<TurnUrl> urls;
    private final Account account;
    private final TlsOptions tls;

    Relays(List<TurnUrl> urls, Account account, TlsOptions tls) {
        this.urls = urls;
        this.account = account;
        this.tls = tls;
    }

    String name() {
        return "turn:" + urls.get(0).host() + ":" + urls.get(0).port();
    }

    @Override
    public CompletionStage<RelaySocket> reserve(Family family, Scope scope) {
        return new Reservation(urls, account, tls, family, scope).begin();
    }
}
