// SPDX-License-Identifier: Apache-2.0
/** The contract of network drivers, and a real network on loopback for the other contracts. */
package dev.karst.itests.tck.net;
