// SPDX-License-Identifier: Apache-2.0
/** Turns the core's sockets on Netty's NIO event loops. */
package dev.karst.net.netty;
