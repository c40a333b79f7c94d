// SPDX-License-Identifier: Apache-2.0
/** A strategy that is worse than the one it claims to be. */
package com.example.badstrategy;
