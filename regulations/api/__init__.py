"""The REST endpoints that need regulations or stand above them: regulations and exports, people and their consent."""
