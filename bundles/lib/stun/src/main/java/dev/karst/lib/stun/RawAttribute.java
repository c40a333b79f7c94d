// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

/**
 * An attribute as it came.
 *
 * @param at where its header begins in the message
 */
record RawAttribute(int type, int at, int length) {}
