// SPDX-License-Identifier: Apache-2.0
/** What a NAT detector must do. */
package dev.karst.itests.tck.nat;
