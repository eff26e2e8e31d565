package io.onevault.jobs.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The REST interface of a JobManager, as far as the tests read it. */
final class FlinkRest {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final ObjectMapper json = new ObjectMapper();
    private final URI address;

    FlinkRest(int port) {
        this.address = URI.create("http://127.0.0.1:" + port);
    }

    /**
     * The answer to {@code path}, which is a missing node when the JobManager does not answer or
     * knows no such thing.
     */
    JsonNode get(String path) throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(address.resolve(path)).timeout(TIMEOUT).build();
        try {
            HttpResponse<String> response =
                    http.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200
                    ? json.readTree(response.body())
                    : json.missingNode();
        } catch (IOException e) {
            return json.missingNode();
        }
    }

    /**
     * Asks for {@code job} to be ended as {@code flink stop --drain} does, which closes every
     * window, and returns the number of the request.
     */
    String drain(String job, String savepoints) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(address.resolve("/jobs/" + job + "/stop"))
                        .timeout(TIMEOUT)
                        .header("Content-Type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        json.createObjectNode()
                                                .put("drain", true)
                                                .put("targetDirectory", savepoints)
                                                .toString()))
                        .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 202) {
            throw new AssertionError("the job is not to be drained: " + response.body());
        }
        return json.readTree(response.body()).path("request-id").asText();
    }

    /** Whether that request is done; fails when it failed. */
    boolean isDrained(String job, String request) throws InterruptedException {
        JsonNode answer = get("/jobs/" + job + "/savepoints/" + request);
        if (answer.path("operation").has("failure-cause")) {
            throw new AssertionError("the job was not drained: " + answer);
        }
        return answer.path("status").path("id").asText().equals("COMPLETED");
    }

    /** TaskManagers that registered and are believed to be alive. */
    int taskManagers() throws InterruptedException {
        return get("/overview").path("taskmanagers").asInt(0);
    }

    /** Whether every task of {@code job} runs, or has done all it had to: reading the past. */
    boolean isRunning(String job) throws InterruptedException {
        JsonNode answer = get("/jobs/" + job);
        JsonNode vertices = answer.path("vertices");
        if (!answer.path("state").asText().equals("RUNNING") || vertices.isEmpty()) {
            return false;
        }
        for (JsonNode vertex : vertices) {
            if (!Set.of("RUNNING", "FINISHED").contains(vertex.path("status").asText())) {
                return false;
            }
        }
        return true;
    }

    /** Resource ids of the TaskManagers that run tasks whose name holds {@code part}. */
    Set<String> taskManagersOf(String job, String part) throws InterruptedException {
        Set<String> ids = new TreeSet<>();
        for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
            boolean runs = !vertex.path("status").asText().equals("FINISHED");
            if (runs && vertex.path("name").asText().contains(part)) {
                String path = "/jobs/" + job + "/vertices/" + vertex.path("id").asText();
                for (JsonNode host : get(path + "/taskmanagers").path("taskmanagers")) {
                    ids.add(host.path("taskmanager-id").asText());
                }
            }
        }
        return ids;
    }

    /** The number of the newest completed checkpoint of {@code job}, 0 for none. */
    long completedCheckpoint(String job) throws InterruptedException {
        return get("/jobs/" + job + "/checkpoints")
                .path("latest")
                .path("completed")
                .path("id")
                .asLong(0);
    }

    /** How often {@code job} was restored since this JobManager took it over. */
    long restores(String job) throws InterruptedException {
        return get("/jobs/" + job + "/checkpoints").path("counts").path("restored").asLong(0);
    }

    /** The number of the checkpoint that {@code job} was last restored from, 0 for none. */
    long restoredCheckpoint(String job) throws InterruptedException {
        return get("/jobs/" + job + "/checkpoints")
                .path("latest")
                .path("restored")
                .path("id")
                .asLong(0);
    }

    /** The effective configuration of the JobManager. */
    Map<String, String> configuration() throws InterruptedException {
        Map<String, String> configuration = new HashMap<>();
        for (JsonNode entry : get("/jobmanager/config")) {
            configuration.put(entry.path("key").asText(), entry.path("value").asText());
        }
        return configuration;
    }
}
