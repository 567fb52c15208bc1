package io.flota.agent.runtime.docker;

import java.util.Optional;
import java.util.regex.Pattern;

/// The name of an image: `web`, `docker.io/library/web:2.4`, `10.0.0.1:5000/web@sha256:…`.
record ImageReference(String repository, Optional<String> tag, Optional<String> digest) {
    private static final String COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    private static final Pattern FORM = Pattern.compile("((?:[A-Za-z0-9.-]+(?::\\d{1,5})?/)?" + COMPONENT
            + "(?:/" + COMPONENT + ")*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?");
    private static final int LONGEST = 255;

    /// @throws IllegalArgumentException whose message says what is wrong
    static ImageReference parse(String text) {
        if (text.endsWith(".image") || text.endsWith(".build")) {
            throw new IllegalArgumentException("there are no .image and .build units; name the image itself");
        }
        if (text.contains("://")) {
            throw new IllegalArgumentException("Docker pulls from registries only; name the image without "
                    + text.substring(0, text.indexOf("://") + 3));
        }
        var form = FORM.matcher(text);
        if (!form.matches() || form.group(1).length() > LONGEST) {
            throw new IllegalArgumentException(
                    "is not the name of an image, which is in lower case and such as example.org/web:2.4");
        }
        return new ImageReference(
                form.group(1), Optional.ofNullable(form.group(2)), Optional.ofNullable(form.group(3)));
    }

    /// What is asked of the registry: the digest where there is one, as the tag may have moved on.
    String version() {
        return digest.or(() -> tag).orElse("latest");
    }

    /// How Docker finds it, with the digest alone where there is one.
    @Override
    public String toString() {
        return repository + (digest.isPresent() ? "@" : ":") + version();
    }
}
