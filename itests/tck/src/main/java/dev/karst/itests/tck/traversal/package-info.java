// SPDX-License-Identifier: Apache-2.0
/** The contract of traversal strategies, over an attempt that lives in memory. */
package dev.karst.itests.tck.traversal;
