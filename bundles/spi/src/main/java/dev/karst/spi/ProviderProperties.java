// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi;

/**
 * Service properties of providers. A provider is a service under its SPI interface; the core tracks
 * all of them dynamically.
 */
public final class ProviderProperties {
    /**
     * Name of the provider within its kind. Type {@code String}, required. Filter: {@code
     * (karst.name=tcp)}.
     */
    public static final String NAME = "karst.name";

    /**
     * Endpoint schemes that a transport or signaling backend serves. Type {@code String} or {@code
     * String[]}. Filter: {@code (karst.scheme=tcp)}.
     */
    public static final String SCHEME = "karst.scheme";

    /**
     * What a transport makes paths of besides dialing: {@code tcp}, {@code udp}. Type {@code
     * String} or {@code String[]}, optional. Filter: {@code (karst.over=udp)}.
     */
    public static final String OVER = "karst.over";

    private ProviderProperties() {}
}
