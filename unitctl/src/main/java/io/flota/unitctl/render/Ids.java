package io.flota.unitctl.render;

/// Ids as operators see them.
public final class Ids {
    private static final int MACHINE_DIGITS = 8;
    private static final int HASH_DIGITS = 7;

    private Ids() {}

    /// `85c0c595.../172.17.8.102`; without an address if none is known.
    public static String machine(String id, String ip, boolean full) {
        String shown = full ? id : shortened(id);
        return ip.isEmpty() ? shown : shown + "/" + ip;
    }

    public static String shortened(String id) {
        return id.substring(0, Math.min(MACHINE_DIGITS, id.length())) + "...";
    }

    static String hash(String hash, boolean full) {
        return full || hash.length() <= HASH_DIGITS ? hash : hash.substring(0, HASH_DIGITS);
    }
}
