package io.flota.agent.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryCredentialsTest {
    private static final ImageReference IMAGE = ImageReference.parse("example.org/web");

    @TempDir
    Path folder;

    @Test
    void withoutAFileNothingIsKnown() throws IOException {
        assertThat(credentials().of(IMAGE)).isEmpty();
    }

    @Test
    void theFileKnowsWhoWeAre() throws IOException {
        config("{\"auths\": {\"example.org\": {\"auth\": \"bWU6c2U6Y3JldA==\"}}}");

        assertThat(credentials().of(IMAGE)).hasValueSatisfying(auth -> {
            assertThat(auth.getUsername()).isEqualTo("me");
            assertThat(auth.getPassword()).isEqualTo("se:cret");
            assertThat(auth.getRegistryAddress()).isEqualTo("example.org");
        });
        assertThat(credentials().of(ImageReference.parse("example.com/web"))).isEmpty();
    }

    @Test
    void aHelperIsAskedForItsRegistryAndTheStoreForAllOthers() throws IOException {
        helper("one", "read server; echo \"{\\\"Username\\\": \\\"me\\\", \\\"Secret\\\": \\\"for $server\\\"}\"");
        helper("other", "echo '{\"Username\": \"<token>\", \"Secret\": \"t\"}'");
        config("{\"credHelpers\": {\"example.org\": \"one\"}, \"credsStore\": \"other\"}");

        assertThat(credentials().of(IMAGE)).hasValueSatisfying(auth ->
                assertThat(auth.getPassword()).isEqualTo("for example.org"));
        assertThat(credentials().of(ImageReference.parse("web"))).hasValueSatisfying(auth ->
                assertThat(auth.getIdentitytoken()).isEqualTo("t"));
    }

    @Test
    void aHelperThatKnowsNothingLeavesItToTheFile() throws IOException {
        helper("one", "echo credentials not found in native keychain; exit 1");
        config("{\"credsStore\": \"one\", \"auths\": {\"example.org\": {\"auth\": \"bWU6c2VjcmV0\"}}}");

        assertThat(credentials().of(IMAGE)).hasValueSatisfying(auth ->
                assertThat(auth.getPassword()).isEqualTo("secret"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            {"credsStore": "one"}                        | -one gives no credentials for example.org: locked
            {"credsStore": "missing"}                    | docker-credential-missing gives no credentials
            {"credsStore": "../one"}                     | is not the name of a credential helper
            {"auths": {"example.org": {"auth": "bWU="}}} | are no USER:PASSWORD in base64
            {"auths":                                    | cannot read the credentials of registries
            """)
    void whatIsWrongWithThemIsSaid(String config, String because) throws IOException {
        helper("one", "echo locked; exit 1");
        config(config);

        assertThatThrownBy(() -> credentials().of(IMAGE)).isInstanceOf(IOException.class).hasMessageContaining(because);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(textBlock = """
            web, https://index.docker.io/v1/
            library/web, https://index.docker.io/v1/
            docker.io/library/web, https://index.docker.io/v1/
            localhost/web, localhost
            10.0.0.1:5000/web, 10.0.0.1:5000
            """)
    void theRegistryIsReadFromTheName(String image, String server) {
        assertThat(RegistryCredentials.server(ImageReference.parse(image))).isEqualTo(server);
    }

    private RegistryCredentials credentials() {
        return new RegistryCredentials(folder, Optional.of(folder + ":/usr/bin:/bin"));
    }

    private void config(String text) throws IOException {
        Files.writeString(folder.resolve("config.json"), text);
    }

    private void helper(String name, String script) throws IOException {
        var program = folder.resolve("docker-credential-" + name);
        Files.writeString(program, "#!/bin/sh\n" + script + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }
}
