// SPDX-License-Identifier: Apache-2.0
/** The contract of transports. */
package dev.karst.itests.tck.transport;
