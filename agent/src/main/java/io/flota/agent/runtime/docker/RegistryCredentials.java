package io.flota.agent.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.model.AuthConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// Who we are to registries, by Docker's `config.json`: `auths`, `credHelpers` and `credsStore`. Read anew each time.
final class RegistryCredentials {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DOCKER_HUB = "https://index.docker.io/v1/";
    private static final Pattern HELPER = Pattern.compile("[A-Za-z0-9_-]+");
    private static final long HELPER_SECONDS = 30;

    private final Path config;
    private final Optional<String> path;

    RegistryCredentials(Path folder) {
        this(folder, Optional.empty());
    }

    /// @param path where helpers are looked up, in place of the agent's `PATH`
    RegistryCredentials(Path folder, Optional<String> path) {
        this.config = folder.resolve("config.json");
        this.path = path;
    }

    /// Empty if nothing is known of its registry.
    ///
    /// @throws IOException with one line for the operator
    Optional<AuthConfig> of(ImageReference image) throws IOException {
        if (Files.notExists(config)) {
            return Optional.empty();
        }
        var server = server(image);
        var file = read();
        var helper = file.path("credHelpers").path(server).asText(file.path("credsStore").asText());
        if (!helper.isEmpty()) {
            var asked = ask(helper, server);
            if (asked.isPresent()) {
                return asked;
            }
        }
        return inFile(file.path("auths").path(server), server);
    }

    /// What stands before the first slash, if it looks like a host; else Docker Hub.
    static String server(ImageReference image) {
        int slash = image.repository().indexOf('/');
        var first = slash < 0 ? "" : image.repository().substring(0, slash);
        boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
        return !host || first.equals("docker.io") ? DOCKER_HUB : first;
    }

    private JsonNode read() throws IOException {
        try {
            return JSON.readTree(config.toFile());
        } catch (IOException e) {
            throw new IOException("cannot read the credentials of registries in " + config + ": " + e.getMessage(), e);
        }
    }

    private Optional<AuthConfig> inFile(JsonNode entry, String server) throws IOException {
        var auth = entry.path("auth").asText();
        if (auth.isEmpty() && entry.path("identitytoken").asText().isEmpty()) {
            return Optional.empty();
        }
        var known = new AuthConfig().withRegistryAddress(server);
        if (!entry.path("identitytoken").asText().isEmpty()) {
            return Optional.of(known.withIdentityToken(entry.path("identitytoken").asText()));
        }
        try {
            var pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            if (colon > 0) {
                return Optional.of(
                        known.withUsername(pair.substring(0, colon)).withPassword(pair.substring(colon + 1)));
            }
        } catch (IllegalArgumentException _) {
            // said below
        }
        throw new IOException("the credentials for " + server + " in " + config + " are no USER:PASSWORD in base64");
    }

    private Optional<AuthConfig> ask(String helper, String server) throws IOException {
        if (!HELPER.matcher(helper).matches()) {
            throw new IOException("\"" + helper + "\" in " + config + " is not the name of a credential helper");
        }
        var program = "docker-credential-" + helper;
        var builder = new ProcessBuilder("/bin/sh", "-c", "exec \"$0\" get", program)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        path.ifPresent(folders -> builder.environment().put("PATH", folders));
        var process = builder.start();
        try {
            try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
                in.write(server);
            } catch (IOException _) {
                // It did not read; what it says instead tells why.
            }
            var killer = Thread.ofVirtual().start(() -> end(process));
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            killer.interrupt();
            return answer(program, server, said, process.waitFor() == 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(program + " was interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void end(Process process) {
        try {
            if (!process.waitFor(HELPER_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static Optional<AuthConfig> answer(String program, String server, String said, boolean knows)
            throws IOException {
        if (!knows) {
            if (said.contains("credentials not found")) {
                return Optional.empty();
            }
            throw new IOException(program + " gives no credentials for " + server + ": "
                    + (said.isBlank() ? "it failed without a word" : said.strip()));
        }
        var found = JSON.readTree(said);
        var name = found.path("Username").asText();
        var secret = found.path("Secret").asText();
        var known = new AuthConfig().withRegistryAddress(server);
        return Optional.of(name.equals("<token>")
                ? known.withIdentityToken(secret)
                : known.withUsername(name).withPassword(secret));
    }
}
