package io.flota.daemon.fleet;

/// What became of one of fleet's settings.
public sealed interface Remark {
    /// fleet's
    String key();

    /// Where it was given.
    String place();

    /// @param option of Flota's, without dashes
    /// @param value as it would stand on the command line
    /// @param note what else is to be known of it; may be empty
    record Becomes(String key, String place, String option, String value, String note) implements Remark {
        private static final String SECRET = "etcd-password";

        /// For operators, without what is secret.
        public String words() {
            var shown = option.equals(SECRET) ? "…" : value;
            return "becomes --" + option + " " + shown + (note.isEmpty() ? "" : ": " + note);
        }

        @Override
        public String toString() {
            return key + " " + words();
        }
    }

    /// It stands for what Flota does anyway, or does not need.
    record Meaningless(String key, String place, String because) implements Remark {}
}
