package io.flota.agent.runtime.docker;

import java.time.Instant;

/// Where a unit's image is, as far as is known.
sealed interface ImageSight {
    /// To be seen to.
    record Wanted() implements ImageSight {}

    /// @param progress for the operator; may be empty
    record Coming(String progress) implements ImageSight {}

    /// @param since when it was looked for last
    record Here(Instant since) implements ImageSight {}

    /// Was here for the last start; the next one asks again.
    record Used() implements ImageSight {}

    /// @param again when it is tried again; [Instant#MAX]: when it is asked for next
    record Missing(String because, Instant again) implements ImageSight {}
}
