// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.traversal;

/**
 * A guess of a {@link PortPredictor}.
 *
 * @param port an external port, 1 to 65,535
 * @param weight 0 to 1: how likely it will be one of the next sockets'. That several sockets come
 *     by one port in turn adds up: with four sockets and numbers in sequence the fourth next port
 *     is the safest, since it is met even if strangers take up to three
 */
public record PortGuess(int port, double weight) {
    public PortGuess {
        if (port < 1 || port > 0xffff) {
            throw new IllegalArgumentException("port must be 1 to 65535: " + port);
        }
        if (!(weight >= 0 && weight <= 1)) {
            throw new IllegalArgumentException("weight must be 0 to 1: " + weight);
        }
    }
}
