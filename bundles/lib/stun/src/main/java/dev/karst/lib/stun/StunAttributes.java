// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.net.InetSocketAddress;
import java.util.List;

/** The attributes. Families are 1 for IPv4, 2 for IPv6. */
public final class StunAttributes {
    // RFC 8489
    public static final StunAttribute<InetSocketAddress> MAPPED_ADDRESS =
            new StunAttribute<>(0x0001, "MAPPED-ADDRESS", Addresses.PLAIN);
    public static final StunAttribute<String> USERNAME =
            new StunAttribute<>(0x0006, "USERNAME", Values.text(508));
    public static final StunAttribute<byte[]> MESSAGE_INTEGRITY =
            new StunAttribute<>(0x0008, "MESSAGE-INTEGRITY", Values.bytes(20, 20));
    public static final StunAttribute<StunError> ERROR_CODE =
            new StunAttribute<>(0x0009, "ERROR-CODE", Errors.ERROR);
    public static final StunAttribute<List<Integer>> UNKNOWN_ATTRIBUTES =
            new StunAttribute<>(0x000a, "UNKNOWN-ATTRIBUTES", Values.TYPES);
    public static final StunAttribute<String> REALM =
            new StunAttribute<>(0x0014, "REALM", Values.text(763));
    public static final StunAttribute<String> NONCE =
            new StunAttribute<>(0x0015, "NONCE", Values.text(763));
    public static final StunAttribute<byte[]> MESSAGE_INTEGRITY_SHA256 =
            new StunAttribute<>(0x001c, "MESSAGE-INTEGRITY-SHA256", Values.bytes(16, 32));
    public static final StunAttribute<PasswordAlgorithm> PASSWORD_ALGORITHM =
            new StunAttribute<>(0x001d, "PASSWORD-ALGORITHM", Values.ALGORITHM);
    public static final StunAttribute<byte[]> USERHASH =
            new StunAttribute<>(0x001e, "USERHASH", Values.bytes(32, 32));
    public static final StunAttribute<InetSocketAddress> XOR_MAPPED_ADDRESS =
            new StunAttribute<>(0x0020, "XOR-MAPPED-ADDRESS", Addresses.XOR);
    public static final StunAttribute<List<PasswordAlgorithm>> PASSWORD_ALGORITHMS =
            new StunAttribute<>(0x8002, "PASSWORD-ALGORITHMS", Values.ALGORITHMS);
    public static final StunAttribute<String> ALTERNATE_DOMAIN =
            new StunAttribute<>(0x8003, "ALTERNATE-DOMAIN", Values.text(255));
    public static final StunAttribute<String> SOFTWARE =
            new StunAttribute<>(0x8022, "SOFTWARE", Values.text(763));
    public static final StunAttribute<InetSocketAddress> ALTERNATE_SERVER =
            new StunAttribute<>(0x8023, "ALTERNATE-SERVER", Addresses.PLAIN);
    public static final StunAttribute<Long> FINGERPRINT =
            new StunAttribute<>(0x8028, "FINGERPRINT", Values.UINT32);

    // RFC 5780
    public static final StunAttribute<ChangeRequest> CHANGE_REQUEST =
            new StunAttribute<>(0x0003, "CHANGE-REQUEST", Values.CHANGE);
    public static final StunAttribute<byte[]> PADDING =
            new StunAttribute<>(0x0026, "PADDING", Values.bytes(0, 0xffff));
    public static final StunAttribute<Integer> RESPONSE_PORT =
            new StunAttribute<>(0x0027, "RESPONSE-PORT", Values.UINT16);
    public static final StunAttribute<InetSocketAddress> RESPONSE_ORIGIN =
            new StunAttribute<>(0x802b, "RESPONSE-ORIGIN", Addresses.PLAIN);
    public static final StunAttribute<InetSocketAddress> OTHER_ADDRESS =
            new StunAttribute<>(0x802c, "OTHER-ADDRESS", Addresses.PLAIN);

    // RFC 3489, which later ones retired
    public static final StunAttribute<InetSocketAddress> RESPONSE_ADDRESS =
            new StunAttribute<>(0x0002, "RESPONSE-ADDRESS", Addresses.PLAIN);
    public static final StunAttribute<InetSocketAddress> SOURCE_ADDRESS =
            new StunAttribute<>(0x0004, "SOURCE-ADDRESS", Addresses.PLAIN);
    public static final StunAttribute<InetSocketAddress> CHANGED_ADDRESS =
            new StunAttribute<>(0x0005, "CHANGED-ADDRESS", Addresses.PLAIN);

    // RFC 8656
    public static final StunAttribute<Integer> CHANNEL_NUMBER =
            new StunAttribute<>(0x000c, "CHANNEL-NUMBER", Values.UINT16);

    /** Seconds. */
    public static final StunAttribute<Long> LIFETIME =
            new StunAttribute<>(0x000d, "LIFETIME", Values.UINT32);

    public static final StunAttribute<InetSocketAddress> XOR_PEER_ADDRESS =
            new StunAttribute<>(0x0012, "XOR-PEER-ADDRESS", Addresses.XOR);
    public static final StunAttribute<byte[]> DATA =
            new StunAttribute<>(0x0013, "DATA", Values.bytes(0, 0xffff));
    public static final StunAttribute<InetSocketAddress> XOR_RELAYED_ADDRESS =
            new StunAttribute<>(0x0016, "XOR-RELAYED-ADDRESS", Addresses.XOR);
    public static final StunAttribute<Integer> REQUESTED_ADDRESS_FAMILY =
            new StunAttribute<>(0x0017, "REQUESTED-ADDRESS-FAMILY", Values.BYTE_OF_4);

    /** True: reserve the next port, too. */
    public static final StunAttribute<Boolean> EVEN_PORT =
            new StunAttribute<>(0x0018, "EVEN-PORT", Values.EVEN);

    /** IP protocol: 17 is UDP, 6 is TCP. */
    public static final StunAttribute<Integer> REQUESTED_TRANSPORT =
            new StunAttribute<>(0x0019, "REQUESTED-TRANSPORT", Values.BYTE_OF_4);

    public static final StunAttribute<Boolean> DONT_FRAGMENT =
            new StunAttribute<>(0x001a, "DONT-FRAGMENT", Values.FLAG);
    public static final StunAttribute<byte[]> RESERVATION_TOKEN =
            new StunAttribute<>(0x0022, "RESERVATION-TOKEN", Values.bytes(8, 8));
    public static final StunAttribute<Integer> ADDITIONAL_ADDRESS_FAMILY =
            new StunAttribute<>(0x8000, "ADDITIONAL-ADDRESS-FAMILY", Values.BYTE_OF_4);
    public static final StunAttribute<AddressError> ADDRESS_ERROR_CODE =
            new StunAttribute<>(0x8001, "ADDRESS-ERROR-CODE", Errors.ADDRESS);
    public static final StunAttribute<IcmpError> ICMP =
            new StunAttribute<>(0x8004, "ICMP", Errors.ICMP);

    // RFC 6062
    public static final StunAttribute<Long> CONNECTION_ID =
            new StunAttribute<>(0x002a, "CONNECTION-ID", Values.UINT32);

    // RFC 8445
    public static final StunAttribute<Long> PRIORITY =
            new StunAttribute<>(0x0024, "PRIORITY", Values.UINT32);
    public static final StunAttribute<Boolean> USE_CANDIDATE =
            new StunAttribute<>(0x0025, "USE-CANDIDATE", Values.FLAG);

    /** An unsigned 64-bit number. */
    public static final StunAttribute<Long> ICE_CONTROLLED =
            new StunAttribute<>(0x8029, "ICE-CONTROLLED", Values.UINT64);

    /** An unsigned 64-bit number. */
    public static final StunAttribute<Long> ICE_CONTROLLING =
            new StunAttribute<>(0x802a, "ICE-CONTROLLING", Values.UINT64);

    private StunAttributes() {}
}
