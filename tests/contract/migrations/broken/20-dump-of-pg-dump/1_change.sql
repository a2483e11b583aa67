--
-- PostgreSQL database dump
--
\restrict aB3
SET statement_timeout = 0;
\unrestrict aB3
