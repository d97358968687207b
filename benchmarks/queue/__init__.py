"""A queue of regulations of all types, carried out by two workers on PostgreSQL and RabbitMQ."""
